/** Per-case results, from the scoring program that writes them to those who read them. */
import { pageOf, runFileSchema } from "@benchgen/core/wire/api.ts";
import { type CaseSummary, caseDetailSchema, caseSummarySchema } from "@benchgen/core/wire/case.ts";
import { caseSegment } from "@benchgen/core/wire/path.ts";
import { runFailuresSchema, runReportSchema } from "@benchgen/core/wire/report.ts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { bundleFiles } from "../support/bundle.ts";
import { linesOf } from "../support/case.ts";
import { type Actor, type Pipeline, openPipeline } from "../support/pipeline.ts";

let pipeline: Pipeline;
let ada: Actor;
let tim: Actor;
beforeAll(async () => {
  pipeline = await openPipeline();
  ada = await pipeline.actor("ada", "author");
  tim = await pipeline.actor("tim", "submit");
  await ada.push(bundleFiles({ title: "Open", scoring }));
  const hidden = { hide_prediction_output: true };
  await ada.push(bundleFiles({ title: "Closed", scoring, phase: hidden }));
});
afterAll(() => pipeline.close());

/** Hands over what was submitted: its scores, its cases, and its exit code. */
const scoring = {
  script: [
    "cp /app/input/res/scores.json /app/output/",
    "cp /app/input/res/results.jsonl /app/output/",
    "test ! -e /app/input/res/fails",
  ].join("\n"),
};

const cases = [
  { id: "a/1", input: "2 + 2?", output: "4", target: "4", passed: true, latency_ms: 12 },
  { id: "a/1", epoch: 2, input: "2 + 2?", output: "5", target: "4", passed: false },
  { id: "~", input: "2 + 3?", output: "I cannot help with that.", target: "5", passed: false },
  { id: "..", input: "2 + 4?", error: { type: "timeout", message: "no answer in 30 s" } },
];

function submission(lines: string, accuracy = 0.5, more = {}) {
  return { "scores.json": JSON.stringify({ accuracy, loss: 0 }), "results.jsonl": lines, ...more };
}

async function casesOf(actor: Actor, run: string, query = ""): Promise<CaseSummary[]> {
  return (await actor.json(pageOf(caseSummarySchema), "GET", `/runs/${run}/cases${query}`)).items;
}

describe("the cases a scoring program reports", () => {
  it("are counted, listed with their outcomes, and found by their ids", async () => {
    const run = await tim.evaluate("open", submission(linesOf(cases)));
    expect(run.tasks[0]!.cases).toEqual({ total: 4, passed: 1, failed: 2, errored: 1, notScored: 0 });
    const listed = await casesOf(tim, run.id);
    expect(
      listed.map(({ id, epoch, outcome, failure }) => [id, epoch, outcome.status, failure?.category]),
    ).toEqual([
      ["a/1", 1, "passed", undefined],
      ["a/1", 2, "failed", "incorrect"],
      ["~", 1, "failed", "refusal"],
      ["..", 1, "not_scored", "error"],
    ]);
    for (const { id, epoch } of listed) {
      const path = `/runs/${run.id}/cases/0/${caseSegment.build(id)}?epoch=${epoch}`;
      const { result } = await tim.json(caseDetailSchema, "GET", path);
      expect(result).toMatchObject(
        cases.find((written) => written.id === id && (written.epoch ?? 1) === epoch)!,
      );
    }
    expect((await casesOf(tim, run.id, "?outcome=failed&q=cannot%20HELP")).map(({ id }) => id)).toEqual([
      "~",
    ]);
    expect(await tim.problem("GET", `/runs/${run.id}/cases?task=4`)).toMatchObject({
      status: 404,
      detail: 'There is no task "4".',
      hint: `Tasks of ${run.id}: 0`,
    });
    expect(await tim.problem("GET", `/runs/${run.id}/cases/0/unknown`)).toMatchObject({ code: "not_found" });
    expect(await tim.problem("GET", `/runs/${run.id}/cases/7/a`)).toMatchObject({ code: "not_found" });
  });

  it("are of the task that is named, and an empty word names none", async () => {
    const { id } = await tim.evaluate("open", submission(linesOf(cases)));
    expect(await casesOf(tim, id, "?task=0")).toHaveLength(4);
    for (const query of ["cases?task=", "cases?task=%20", "cases/export?task=", "report?bootstrap="]) {
      expect(await tim.problem("GET", `/runs/${id}/${query}`)).toMatchObject({ code: "request_invalid" });
    }
  });

  it("are kept when the program fails after it wrote them", async () => {
    const torn = `${linesOf(cases.slice(0, 2))}{"id": "b", "pass`;
    const run = await tim.evaluate("open", submission(torn, 0.5, { fails: "" }));
    expect([run.status, run.reason?.code]).toEqual(["failed", "program_failed"]);
    expect((await casesOf(tim, run.id)).map(({ outcome }) => outcome.status)).toEqual(["passed", "failed"]);
  });

  it("cost a run nothing when they cannot be read", async () => {
    const run = await tim.evaluate("open", submission("\u0000\nnot json\n"));
    expect([run.status, run.tasks[0]!.cases?.total]).toEqual(["succeeded", 0]);
    expect(await casesOf(tim, run.id)).toEqual([]);
  });
});

describe("the report of a run", () => {
  it("says what its cases come to, and groups those that failed", async () => {
    const run = await tim.evaluate("open", submission(`${linesOf(cases)}not json\n`));
    const report = await tim.json(runReportSchema, "GET", `/runs/${run.id}/report`);
    expect(report.overall).toMatchObject({
      counts: { total: 4, passed: 1, failed: 2, errored: 1, notScored: 0 },
      cases: 3,
      repeats: 2,
      accuracy: { value: 0.25, n: 2 },
      latencyMs: { n: 1, p50: 12 },
      costUsd: { total: null },
      refusals: { total: 1, suspected: 1 },
    });
    expect(report.problems).toMatchObject([{ task: 0, lost: 1, total: 1, findings: [{ line: 5 }] }]);
    const resampled = await tim.json(runReportSchema, "GET", `/runs/${run.id}/report?bootstrap=3`);
    expect(resampled.overall?.accuracy).toEqual(report.overall?.accuracy);
    expect(resampled.problems).toEqual(report.problems);
    const failures = await tim.json(runFailuresSchema, "GET", `/runs/${run.id}/failures`);
    expect(failures.categories.map(({ category, count }) => [category, count])).toEqual([
      ["incorrect", 1],
      ["refusal", 1],
      ["error", 1],
    ]);
    expect(failures.categories[0]!.groups[0]!.examples).toMatchObject([{ task: 0, id: "a/1", epoch: 2 }]);
  });

  it("is there for a run that failed, with what was measured by then", async () => {
    const run = await tim.evaluate("open", submission(linesOf(cases), 0.5, { fails: "" }));
    const { overall } = await tim.json(runReportSchema, "GET", `/runs/${run.id}/report`);
    expect([run.status, overall?.counts.total]).toEqual(["failed", 4]);
  });

  it("has nothing in it for a run without cases", async () => {
    await ada.push(bundleFiles({ title: "Plain" }));
    const run = await tim.evaluate("plain", { "scores.json": '{"accuracy": 1, "loss": 0}' });
    const report = await tim.json(runReportSchema, "GET", `/runs/${run.id}/report`);
    expect([report.overall, report.tasks]).toEqual([undefined, []]);
    expect((await tim.json(runFailuresSchema, "GET", `/runs/${run.id}/failures`)).total).toBe(0);
  });

  it("is shown to none from whom cases are hidden, but for the interval of a score they see", async () => {
    const hidden = { hide_score_output: true };
    await ada.push(bundleFiles({ title: "Hidden", scoring, phase: hidden }));
    const plain = Array.from({ length: 8 }, (_, i) => ({ id: String(i), passed: i < 7 }));
    const { id } = await tim.evaluate("hidden", submission(linesOf(plain), 0.875));
    expect(await tim.problem("GET", `/runs/${id}/report`)).toMatchObject({ code: "output_hidden" });
    const [row] = await tim.board("hidden");
    expect(row!.intervals?.["accuracy"]?.low).toBeCloseTo(0.529, 3);
  });

  it("lends its interval to a score on the leaderboard only when the two are the same", async () => {
    await ada.push(bundleFiles({ title: "Ranked", scoring }));
    const plain = Array.from({ length: 10 }, (_, i) => ({ id: String(i), passed: i < 8 }));
    const same = await tim.evaluate("ranked", submission(linesOf(plain), 0.8), { name: "same" });
    const other = await tim.evaluate("ranked", submission(linesOf(plain), 0.9), { name: "other" });
    const rows = await tim.board("ranked");
    const intervalOf = (id: string) => rows.find(({ runId }) => runId === id)!.intervals?.["accuracy"];
    expect(intervalOf(same.id)?.low).toBeCloseTo(0.49, 3);
    expect(intervalOf(same.id)?.high).toBeCloseTo(0.943, 3);
    expect(intervalOf(other.id)).toBeUndefined();
  });
});

describe("a phase that hides predictions", () => {
  it("shows cases, which quote them, to its authors only, and so for files that hold them", async () => {
    const run = await tim.evaluate("closed", submission(linesOf(cases)));
    for (const path of ["cases", "cases/0/~t", "report", "failures"]) {
      expect(await tim.problem("GET", `/runs/${run.id}/${path}`)).toMatchObject({ code: "output_hidden" });
    }
    expect(await casesOf(ada, run.id)).toHaveLength(4);
    const filesOf = async (actor: Actor): Promise<string[]> => {
      const schema = z.object({ items: z.array(runFileSchema) });
      return (await actor.json(schema, "GET", `/runs/${run.id}/files`)).items.map(({ name }) => name).sort();
    };
    expect(await filesOf(tim)).toEqual(["stderr.log", "stdout.log"]);
    expect(await filesOf(ada)).toEqual(["output.zip", "results.jsonl", "stderr.log", "stdout.log"]);
  });
});

it("tells strangers nothing, not even that a run has cases", async () => {
  const run = await tim.evaluate("open", submission(linesOf(cases)));
  const sue = await pipeline.actor("sue", "submit");
  for (const path of ["cases", "cases/0/~t", "report", "failures"]) {
    expect(await sue.problem("GET", `/runs/${run.id}/${path}`)).toMatchObject({
      code: "not_found",
      status: 404,
    });
  }
});
