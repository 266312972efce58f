/** What a comparison reads of a run: its column files, or, where there are none, its summaries. */
import { readColumns } from "@benchgen/core/compare/read.ts";
import { blobKey } from "@benchgen/core/wire/key.ts";
import { afterAll, expect, it } from "vitest";
import { linesOf, runId, storeRun, temporaryBlobs } from "../support/case.ts";

const { blobs, close } = temporaryBlobs();
afterAll(close);

const cases = Array.from({ length: 500 }, (_, i) => ({
  id: `q${i % 300}`,
  epoch: i < 300 ? 1 : 2,
  input: "x".repeat(i % 50),
  passed: i % 7 === 0 ? null : i % 3 === 0,
  ...(i % 5 === 0 && { scores: { bleu: i / 500 }, metadata: { cluster: i % 4 } }),
}));

/** Everything a comparison asks of the columns. */
async function allOf(run: Parameters<typeof readColumns>[1]) {
  const columns = await readColumns({ blobs }, run);
  const names = ["passed", "score", "latencyMs", ...columns.scoreNames()];
  return [...columns.keys()].map(([key, position]) => ({
    key,
    content: columns.contentAt(position),
    place: columns.placeAt(position),
    cluster: columns.clusterAt(position),
    values: names.map((name) => columns.numbers(name)?.at(position)),
  }));
}

it("runs from before there were column files are read from their summaries, and come to the same", async () => {
  const run = await storeRun(blobs, [linesOf(cases), "", linesOf(cases.slice(0, 20))]);
  const read = await allOf(run);
  expect(read).toHaveLength(320);
  expect(read[319]).toMatchObject({
    place: { task: 2 },
    cluster: undefined,
    values: [0, undefined, undefined, NaN],
  });
  for (const { index } of run.tasks) await blobs.delete(blobKey.cases(runId, index, "columns"));
  expect(await allOf(run)).toEqual(read);
});
