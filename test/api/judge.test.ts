/** The judge pass over failure groups, as clients of the API see it; the judge is a server of ours. */
import { pageOf } from "@benchgen/core/wire/api.ts";
import { caseDetailSchema, caseSummarySchema } from "@benchgen/core/wire/case.ts";
import { type JudgePass, judgePassSchema } from "@benchgen/core/wire/judge.ts";
import { runFailuresSchema, runReportSchema } from "@benchgen/core/wire/report.ts";
import { type Solver, type SolverOptions, startSolver } from "@benchgen/cli/solver/server.ts";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { bundleFiles } from "../support/bundle.ts";
import { linesOf } from "../support/case.ts";
import { type Actor, type Pipeline, openPipeline } from "../support/pipeline.ts";

const script = "cp /app/input/res/scores.json /app/input/res/results.jsonl /app/output/";
const prices = { input: 1, output: 1, version: "1" };

const cases = [
  { id: "right", input: "2 + 2?", output: "4", target: "4", passed: true },
  { id: "sum", input: "2 + 2?", output: "5", target: "4", passed: false },
  { id: "wordy", input: "2 + 3?", output: "It is 5 of course", target: "5", passed: false },
  { id: "unsure", input: "2 + 4?", output: "As an AI I asked Gauss: 7", target: "6", passed: false },
  {
    id: "said",
    input: "2 + 5?",
    output: "8",
    target: "7",
    passed: false,
    failure: { category: "arithmetic" },
  },
  { id: "erred", input: "2 + 6?", error: { type: "timeout" } },
];

let pipeline: Pipeline;
let ada: Actor;
let run: string;
let solver: Solver | undefined;
beforeAll(async () => {
  pipeline = await openPipeline();
  ada = await pipeline.actor("ada", "author");
  await ada.push(bundleFiles({ title: "Open", scoring: { script } }));
});
afterAll(() => pipeline.close());

beforeEach(async () => {
  const scores = JSON.stringify({ accuracy: 0.5, loss: 0 });
  const done = await ada.evaluate("open", { "scores.json": scores, "results.jsonl": linesOf(cases) });
  run = done.id;
});
afterEach(async () => {
  await ada.call("DELETE", "/models/gauge");
  await solver?.close();
  solver = undefined;
});

async function addJudge(options: SolverOptions = {}, more: object = { prices }): Promise<void> {
  solver = await startSolver(options);
  const body = { name: "gauge", baseUrl: solver.url, model: "gauge-1", ...more };
  expect((await ada.call("POST", "/models", { body })).status).toBe(201);
}

const judge = (more: object = {}): Promise<JudgePass> =>
  ada.json(judgePassSchema, "POST", `/runs/${run}/failures/judge`, { model: "gauge", ...more });

async function categories(): Promise<Record<string, number>> {
  const failures = await ada.json(runFailuresSchema, "GET", `/runs/${run}/failures`);
  return Object.fromEntries(failures.categories.map(({ category, count }) => [category, count]));
}

async function idsOf(query: string): Promise<string[]> {
  const page = await ada.json(pageOf(caseSummarySchema), "GET", `/runs/${run}/cases${query}`);
  return page.items.map(({ id }) => id);
}

describe("a judge", () => {
  it("says why cases failed, marked as its word, wherever they are shown", async () => {
    await addJudge();
    expect(await categories()).toEqual({ incorrect: 2, refusal: 1, arithmetic: 1, error: 1 });
    const pass = await judge();
    expect(pass).toMatchObject({
      judged: 3,
      unreadable: 0,
      done: true,
      judge: { name: "gauge", model: "gauge-1" },
      categories: { factual_error: 1, wrong_format: 1, hallucination: 1 },
    });
    expect(pass.costUsd).toBeCloseTo((pass.inputTokens + pass.outputTokens) / 1e6, 9);
    const judged = { factual_error: 1, wrong_format: 1, hallucination: 1, arithmetic: 1, error: 1 };
    expect(await categories()).toEqual(judged);
    const { overall } = await ada.json(runReportSchema, "GET", `/runs/${run}/report`);
    expect(Object.fromEntries(overall!.failures.map(({ category, count }) => [category, count]))).toEqual(
      judged,
    );
    expect(overall!.refusals).toEqual({ total: 0, suspected: 0 });
    expect((await ada.json(caseDetailSchema, "GET", `/runs/${run}/cases/0/sum`)).failure).toMatchObject({
      category: "factual_error",
      source: "judge",
      judge: "gauge",
      confidence: "low",
      explanation: "It says 5, and 4 is right.",
    });
    expect(await idsOf("?category=factual_error")).toEqual(["sum"]);
    expect(await idsOf("?category=incorrect")).toEqual([]);
    expect(await idsOf("?category=arithmetic")).toEqual(["said"]);
    expect(await idsOf("?outcome=passed&category=factual_error")).toEqual([]);
    const csv = await ada.call("GET", `/runs/${run}/cases/export?format=csv&category=wrong_format`);
    expect((await csv.text()).trim().split("\n")).toHaveLength(2);
  });

  it("leaves groups with examples, of the cases that stay in them", async () => {
    await addJudge({ refusalRate: 0 });
    const alike = Array.from({ length: 6 }, (_, n) => ({
      id: `c${n}`,
      input: "2 + 2?",
      output: `${n + 5}`,
      passed: false,
    }));
    const scores = JSON.stringify({ accuracy: 0, loss: 0 });
    run = (await ada.evaluate("open", { "scores.json": scores, "results.jsonl": linesOf(alike) })).id;
    await judge({ limit: 3 });
    const { categories: left } = await ada.json(runFailuresSchema, "GET", `/runs/${run}/failures`);
    const rule = left.flatMap(({ groups }) => groups).find(({ signature }) => signature === "<number>");
    expect(rule).toMatchObject({
      count: 3,
      examples: [{ id: "c3", output: "8" }, { id: "c4" }, { id: "c5" }],
    });
  });

  it("goes on where an earlier request ended, and is asked about no case twice", async () => {
    await addJudge();
    const first = await judge({ limit: 2 });
    expect(first).toMatchObject({ judged: 2, done: false });
    expect(await judge({ limit: 2, cursor: first.cursor })).toMatchObject({ judged: 1, done: true });
    expect(await judge()).toMatchObject({ judged: 0, done: true, costUsd: 0 });
    expect(solver!.calls).toHaveLength(3);
  });

  it("is not asked beyond a limit of cost", async () => {
    // A call then takes about what is set aside for it, and whether one has ended before the next begins does not matter.
    await addJudge({}, { prices: { input: 1, output: 0, version: "1" } });
    expect(await judge({ maxCostUsd: 0 })).toMatchObject({ judged: 0, done: false, endedBy: "cost" });
    expect(solver!.calls).toHaveLength(0);
    const enoughForOne = 0.0004;
    const pass = await judge({ maxCostUsd: enoughForOne });
    expect(pass).toMatchObject({ judged: 1, endedBy: "cost" });
    expect(pass.costUsd).toBeLessThan(enoughForOne);
  });

  it("without known prices has no limit of cost", async () => {
    await addJudge({}, {});
    const body = { model: "gauge", maxCostUsd: 1 };
    expect(await ada.problem("POST", `/runs/${run}/failures/judge`, body)).toMatchObject({
      code: "price_unknown",
    });
    expect(await judge()).toMatchObject({ judged: 3, costUsd: null });
  });

  it("that answers nothing it may answer leaves cases as they were, and is not paid for it again", async () => {
    await addJudge({ refusalRate: 1 });
    expect(await judge()).toMatchObject({ judged: 0, unreadable: 3, done: true });
    expect(await categories()).toEqual({ incorrect: 2, refusal: 1, arithmetic: 1, error: 1 });
    expect(await judge()).toMatchObject({ unreadable: 0, done: true });
  });

  it("that fails says why, keeps what it said before, and is asked again for the rest", async () => {
    let isDown = true;
    await addJudge({ fail: ({ index }) => (isDown && index > 0 ? "rate_limit" : undefined) });
    const pass = await judge();
    expect(pass).toMatchObject({ judged: 1, done: false, problem: { code: "upstream_rate_limited" } });
    isDown = false;
    expect(await judge({ cursor: pass.cursor })).toMatchObject({ judged: 2, done: true });
  });

  it("sees the texts of a case as data, and can choose a category only", async () => {
    await addJudge();
    await judge();
    for (const { body } of solver!.calls) {
      expect(body.messages.map(({ role }) => role)).toEqual(["system", "user"]);
      expect(JSON.parse(body.messages[1]!.content as string)).toMatchObject({ question: expect.any(String) });
    }
  });

  it("is a model of one's own workspace, and its run one may see", async () => {
    await addJudge();
    const eve = await pipeline.actor("eve", "author", "elsewhere");
    const reader = await pipeline.actor("rita", "read");
    const [path, body] = [`/runs/${run}/failures/judge`, { model: "gauge" }];
    expect(await eve.problem("POST", path, body)).toMatchObject({ status: 404 });
    expect(await reader.problem("POST", path, body)).toMatchObject({ status: 403 });
    expect(await ada.problem("POST", path, { model: "unknown" })).toMatchObject({ status: 404 });
  });
});
