import { buffer } from "node:stream/consumers";
import { expect, test } from "vitest";
import { bytesSource } from "../bundle/byte-source.ts";
import { openZip } from "../bundle/zip-archive.ts";
import { writeZip } from "../bundle/zip-writer.ts";
import { maxJsonBytes } from "./parse.ts";
import { readScores } from "./read.ts";

async function archiveOf(files: Record<string, string>) {
  const members = Object.entries(files).map(([path, text]) => ({
    path,
    open: () => Promise.resolve(once(new TextEncoder().encode(text))),
  }));
  return openZip(bytesSource(await buffer(writeZip(members))));
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

const columns = [{ key: "accuracy" }];

test("finds scores, the detailed page and the cases in the output of a scoring job", async () => {
  const archive = await archiveOf({
    "scores.json": '{"accuracy": 0.5}',
    "detailed_results.html": "<p>",
    "other.html": "<p>",
    "results.jsonl": "{}",
    "deep/scores.json": '{"accuracy": 1}',
  });
  const output = await readScores(archive, columns);
  expect(output.scores).toMatchObject({ status: "scored", scores: { accuracy: 0.5 } });
  expect(output.detailedResults?.path).toBe("detailed_results.html");
  expect(output.results?.path).toBe("results.jsonl");
});

test.each(["Results.jsonl", "out/results.jsonl", "results.jsonl/part"])(
  "tells of cases in %s",
  async (path) => {
    const output = await readScores(await archiveOf({ [path]: "{}", "my-results.jsonl": "{}" }), columns);
    expect([output.results, output.misplacedResults]).toEqual([undefined, path]);
  },
);

test("takes the only page of another name, and none of several", async () => {
  const one = await readScores(await archiveOf({ "report.html": "x" }), columns);
  expect(one.detailedResults?.path).toBe("report.html");
  const two = await readScores(await archiveOf({ "a.html": "x", "b.html": "x" }), columns);
  expect(two.detailedResults).toBeUndefined();
});

test("reads scores.txt where there is no scores.json", async () => {
  const output = await readScores(await archiveOf({ "scores.txt": "accuracy: 0.25\n" }), columns);
  expect(output.scores).toMatchObject({ scores: { accuracy: 0.25 } });
});

test("does not take a directory or a nested file for the scores", async () => {
  const output = await readScores(
    await archiveOf({ "scores.json/x": "", "out/scores.txt": "a: 1" }),
    columns,
  );
  expect(output.scores).toMatchObject({ status: "missing" });
});

test("stops reading scores that are too large", async () => {
  const archive = await archiveOf({ "scores.json": `{"accuracy": 1}${" ".repeat(maxJsonBytes * 2)}` });
  expect((await readScores(archive, columns)).scores).toMatchObject({
    reason: { code: "scores_unreadable" },
  });
});
