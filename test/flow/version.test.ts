/** Versions over their whole life: what makes a new one, what keeps the board, and who sees what. */
import { environmentSchema, pageOf } from "@benchgen/core/wire/api.ts";
import { openZip } from "@benchgen/core/bundle/zip-archive.ts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Files } from "../support/api.ts";
import { bundleFiles, copyScores, scored } from "../support/bundle.ts";
import { type Actor, type Pipeline, openPipeline } from "../support/pipeline.ts";

let pipeline: Pipeline;
let author: Actor;
let tim: Actor;
let stranger: Actor;

beforeAll(async () => {
  pipeline = await openPipeline();
  author = await pipeline.actor("ada", "author");
  tim = await pipeline.actor("tim", "submit");
  stranger = await pipeline.actor("eve", "submit", "elsewhere");
});

afterAll(() => pipeline.close());

/** A bundle with pages and a logo, and files no field names. */
function paged(title: string, change: Files = {}): Files {
  return bundleFiles({
    title,
    competition: {
      image: "logo.svg",
      pages: [{ title: "Overview", file: "pages/overview.md" }],
      solutions: [{ index: 0, path: "solution", tasks: [0] }],
    },
    files: {
      "logo.svg": '<svg xmlns="http://www.w3.org/2000/svg"/>',
      "pages/overview.md": "# Overview\n",
      "README.md": "For whoever unpacks this.\n",
      "notes/binary.dat": Uint8Array.from({ length: 256 }, (_, index) => index),
      ...Object.fromEntries(Object.entries(scored(0.5)).map(([path, text]) => [`solution/${path}`, text])),
      ...change,
    },
  });
}

async function unpacked(answer: Response): Promise<Record<string, string>> {
  const zip = Buffer.from(await answer.arrayBuffer());
  const archive = await openZip({
    size: zip.length,
    read: async (start, end) => one(zip.subarray(start, end)),
  });
  const files: Record<string, string> = {};
  for (const entry of archive.entries) {
    files[entry.path] = Buffer.concat(await Array.fromAsync(await archive.open(entry))).toString("base64");
  }
  return files;
}

async function* one(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

describe("a revised bundle", () => {
  it("makes a version of its own unless nothing changed", async () => {
    expect(await author.push(paged("revised"))).toMatchObject({ number: 1, status: "published" });
    expect(await author.push(paged("revised"))).toMatchObject({ number: 1, status: "published" });
    const second = await author.push(paged("revised", { "pages/overview.md": "# Overview, corrected\n" }));
    expect(second).toMatchObject({ number: 2, status: "published" });
    // Back to the first: the content has its version.
    expect(await author.push(paged("revised"))).toMatchObject({ number: 1 });
  });

  it("keeps the board when a page changes, and begins another when the reference data does", async () => {
    await author.push(paged("boards"));
    const first = await tim.evaluate("boards", scored(0.25));
    expect(first).toMatchObject({ status: "succeeded", version: 1 });
    await author.push(paged("boards", { "pages/overview.md": "# Said better\n" }));
    const second = await tim.evaluate("boards", scored(0.75));
    expect(second.version).toBe(2);
    expect((await tim.board("boards")).map(({ runId }) => runId)).toEqual([second.id, first.id]);

    await author.push(paged("boards", { "reference_data/answers.txt": "other answers\n" }));
    expect(await tim.board("boards")).toEqual([]);
    const third = await tim.evaluate("boards", scored(0.5));
    expect((await tim.board("boards")).map(({ runId, version }) => [runId, version])).toEqual([
      [third.id, 3],
    ]);
    expect((await tim.board("boards@1")).map(({ runId }) => runId)).toEqual([second.id, first.id]);
  });

  it("says nothing of the environment before it is published", async () => {
    const described = (description: string, solution: Files) =>
      bundleFiles({
        title: "described",
        competition: { description, solutions: [{ index: 0, path: "solution", tasks: [0] }] },
        files: Object.fromEntries(
          Object.entries(solution).map(([path, content]) => [`solution/${path}`, content]),
        ),
      });
    const shown = async () =>
      (await author.json(environmentSchema, "GET", "/environments/described")).description;
    await author.push(described("Three species.", scored(0.5)));
    const held = await author.push(described("Four species.", { "nothing.txt": "" }));
    expect(held).toMatchObject({ number: 2, status: "held" });
    expect(await shown()).toBe("Three species.");
    await author.push(described("Five species.", scored(1)));
    expect(await shown()).toBe("Five species.");
  });

  it("leaves earlier versions runnable, each with its own programs", async () => {
    const scoring = (value: number) => ({
      script: `echo '{"accuracy": ${value}, "loss": 0}' > /app/output/scores.json`,
    });
    await author.push(bundleFiles({ title: "pinned", scoring: scoring(1) }));
    await author.push(bundleFiles({ title: "pinned", scoring: scoring(2) }));
    expect(await tim.evaluate("pinned", scored(0))).toMatchObject({ version: 2, scores: { accuracy: 2 } });
    const earlier = await tim.evaluate("pinned@1", scored(0));
    expect(earlier).toMatchObject({ version: 1, scores: { accuracy: 1 } });
    expect(await tim.ended((await tim.retry(earlier.id)).id)).toMatchObject({
      version: 1,
      scores: { accuracy: 1 },
    });
  });

  it("can be downloaded with every file that was uploaded, to run again", async () => {
    const files = paged("whole");
    await author.push(files);
    await author.push(paged("whole", { "README.md": "Changed.\n" }));
    const answer = await author.call("GET", "/environments/whole/versions/1/bundle");
    const wanted = Object.entries(files).map(([path, content]) => [
      path,
      Buffer.from(content as string).toString("base64"),
    ]);
    const found = await unpacked(answer);
    expect(found).toEqual(Object.fromEntries(wanted));
    const again = Object.entries(found).map(([path, text]) => [path, Buffer.from(text, "base64")] as const);
    expect(await author.push(Object.fromEntries(again))).toMatchObject({ environment: "whole", number: 1 });
  });
});

describe("a version whose solution fails", () => {
  const failing = (title: string) =>
    bundleFiles({
      title,
      scoring: { script: "echo the answers have 53 rows, not 40 >&2; exit 1" },
      competition: { solutions: [{ index: 0, path: "solution", tasks: [0], name: "Baseline" }] },
      files: { "solution/scores.json": "{}" },
    });

  it("is held back, and says why, with the log", async () => {
    const held = await author.push(failing("held"));
    expect(held.status).toBe("held");
    expect(held.heldBecause).toContain("Baseline failed: The scoring program failed with exit code 1.");
    const [verification] = held.verifications;
    expect(verification).toMatchObject({ solution: 0, status: "failed", reason: { code: "program_failed" } });
    expect(verification?.reason?.stderrTail).toContain("53 rows, not 40");
    expect(await author.log(verification!.runId)).toContain("53 rows, not 40");
    expect((await tim.problem("GET", "/environments/held/versions/1")).status).toBe(404);
    expect(
      await tim.problem("POST", "/runs", { environment: "held", submissionId: await tim.submit(scored(1)) }),
    ).toMatchObject({ status: 404 });
  });

  it("can be tried by its authors, which reaches no board", async () => {
    await author.push(failing("tried"));
    expect(await author.evaluate("tried", scored(1))).toMatchObject({ purpose: "trial", status: "failed" });
    expect(await author.board("tried")).toEqual([]);
  });

  it("is published by an explicit choice, which is recorded and shown", async () => {
    await author.push(failing("forced"));
    const path = "/environments/forced/versions/1/publish";
    expect((await tim.problem("POST", path, { despiteFailedSolution: true })).status).toBe(404);
    expect((await author.call("POST", path, { body: { despiteFailedSolution: true } })).ok).toBe(true);
    const version = await tim.version("forced@1");
    expect(version).toMatchObject({ status: "published", forced: { by: "ada" } });
    const events = await pipeline.api.local.events.read({ limit: 1000 });
    const published = events.filter(
      ({ type, detail }) => type === "Environment Published" && "forced" in detail && detail.forced,
    );
    expect(published).toHaveLength(1);
  });

  it("does not take the place of the one that is published", async () => {
    await author.push(bundleFiles({ title: "kept" }));
    expect(await author.push(failing("kept"))).toMatchObject({ number: 2, status: "held" });
    const environment = await tim.json(environmentSchema, "GET", "/environments/kept");
    expect(environment).toMatchObject({ publishedVersion: 1, latestVersion: 2 });
    expect(await tim.evaluate("kept", scored(0.5))).toMatchObject({ version: 1, status: "succeeded" });
  });
});

describe("what participants see", () => {
  const hidden = { hide_output: true, hide_prediction_output: true, hide_score_output: true };
  const shown = (answer: Response) => answer.text();

  it("of a private environment is theirs in its workspace only, and everyone's once it is public", async () => {
    await author.push(bundleFiles({ title: "shared" }));
    const submissionId = await stranger.submit(scored(0.5));
    const start = { environment: "lab/shared", submissionId };
    expect((await stranger.problem("POST", "/runs", start)).status).toBe(404);
    await author.call("PATCH", "/environments/shared", { body: { visibility: "public" } });
    const publicOnes = await stranger.json(pageOf(environmentSchema), "GET", "/environments?public=true");
    expect(publicOnes.items).toMatchObject([{ workspace: "lab", name: "shared" }]);
    expect((await stranger.json(pageOf(environmentSchema), "GET", "/environments")).items).toEqual([]);
    const run = await stranger.ended((await stranger.start(start)).id);
    expect(run).toMatchObject({ status: "succeeded", participant: "elsewhere/eve" });
    expect((await tim.board("shared")).map(({ participant }) => participant)).toEqual(["elsewhere/eve"]);
    // A submission is its participant's, whoever may use the environment.
    expect((await tim.problem("POST", "/runs", start)).status).toBe(404);
    await author.call("PATCH", "/environments/shared", { body: { visibility: "private" } });
    expect((await stranger.problem("GET", "/environments/lab~shared")).status).toBe(404);
    expect((await stranger.run(run.id)).scores).toEqual({ accuracy: 0.5, loss: 0 });
  });

  it("of their own runs leaves out what the phase hides; authors see everything", async () => {
    await author.push(
      bundleFiles({
        title: "hiding",
        phase: hidden,
        ingestion: { script: "cp /app/ingested_program/* /app/output/; echo the questions" },
        scoring: {
          script: `echo the answers >&2; echo page > /app/output/detailed_results.html; ${copyScores.script}`,
        },
      }),
    );
    const run = await tim.evaluate("hiding", { ...scored(0.5), "main.sh": "" });
    expect(run).toMatchObject({ status: "succeeded", scores: { accuracy: 0.5 } });
    expect((await tim.problem("GET", `/runs/${run.id}/logs`)).code).toBe("output_hidden");
    expect(JSON.parse(await shown(await tim.call("GET", `/runs/${run.id}/files`)))).toEqual({ items: [] });
    expect(await author.log(run.id)).toContain("the answers");
    const files = await shown(await author.call("GET", `/runs/${run.id}/files`));
    for (const name of ["output.zip", "stdout.log", "detailed_results.html"]) expect(files).toContain(name);
    const sue = await pipeline.actor("sue", "submit");
    expect((await sue.problem("GET", `/runs/${run.id}`)).status).toBe(404);
  });

  it("of why their run failed leaves out what the program printed, where output is hidden", async () => {
    await author.push(
      bundleFiles({ title: "silent", phase: hidden, scoring: { script: "echo answer 7 >&2; exit 1" } }),
    );
    const run = await tim.evaluate("silent", scored(0.5));
    expect(run.reason?.message).toBe("The scoring program failed with exit code 1.");
    expect(JSON.stringify(run)).not.toContain("answer 7");
    expect(JSON.stringify(await author.run(run.id))).toContain("answer 7");
    const listed = await (await tim.call("GET", "/runs?environment=silent")).text();
    expect(listed).toContain(run.id);
    expect(listed).not.toContain("answer 7");
  });

  it("needs a scope: readers start nothing, participants publish nothing", async () => {
    await author.push(bundleFiles({ title: "scoped" }));
    const rea = await pipeline.actor("rea", "read");
    const submissionId = await tim.submit(scored(0.5));
    expect(await rea.problem("POST", "/runs", { environment: "scoped", submissionId })).toMatchObject({
      code: "scope_missing",
    });
    const bundle = { kind: "bundle", filename: "b.zip", size: 1, sha256: "0".repeat(64) };
    expect(await tim.problem("POST", "/uploads", bundle)).toMatchObject({ code: "scope_missing" });
    expect(await rea.board("scoped")).toEqual([]);
    const leaks = await tim.call("GET", "/environments/scoped/versions/1/bundle");
    expect(leaks.status).toBe(403);
  });
});
