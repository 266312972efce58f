/** The examples that ask a model, asked of a server of ours that errs as often as it is told to. */
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type CreateRun, type Run, modelSchema, pageOf } from "@benchgen/core/wire/api.ts";
import { judgePassSchema } from "@benchgen/core/wire/judge.ts";
import { caseDetailSchema, caseSummarySchema } from "@benchgen/core/wire/case.ts";
import { runReportSchema } from "@benchgen/core/wire/report.ts";
import { type Solver, type SolverOptions, startSolver } from "@benchgen/cli/solver/server.ts";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { filesIn } from "../support/bundle.ts";
import { type Actor, type Pipeline, openPipeline } from "../support/pipeline.ts";

const root = fileURLToPath(new URL("../../examples/", import.meta.url));
const template = new URL("../../packages/cli/templates/model/", import.meta.url);
const hasPython = existsSync("/usr/bin/python3");
if (!hasPython) console.warn("NOT TESTED: examples that ask a model: there is no /usr/bin/python3 here.");

let pipeline: Pipeline;
let author: Actor;
let solvers: Solver[] = [];
let models = 0;

beforeAll(async () => {
  pipeline = await openPipeline();
  author = await pipeline.actor("ada", "author");
  if (!hasPython) return;
  for (const environment of ["judged-answers", "warehouse-agent"])
    await author.push(filesIn(`${root}${environment}/bundle`), { environment });
});
afterAll(() => pipeline.close());
afterEach(async () => {
  await Promise.all(solvers.map((solver) => solver.close()));
  solvers = [];
});

/** @returns the name of a model */
async function modelThat(options: SolverOptions): Promise<string> {
  const solver = await startSolver(options);
  solvers.push(solver);
  const name = `solver-${++models}`;
  const body = { name, baseUrl: solver.url, model: "solver", prices: { input: 1, output: 2, version: "1" } };
  await author.json(modelSchema, "POST", "/models", body);
  return name;
}

async function evaluate(request: CreateRun): Promise<Run> {
  return author.ended((await author.start(request)).id);
}

async function casesOf(run: Run) {
  return (await author.json(pageOf(caseSummarySchema), "GET", `/runs/${run.id}/cases?limit=200`)).items;
}

describe.skipIf(!hasPython)("judged-answers", () => {
  const environment = "judged-answers";

  it("is graded by a judge that sees past the wording, and finds what is wrong", async () => {
    const [model, judge] = [await modelThat({ errorRate: 0.3, seed: "a" }), await modelThat({})];
    const run = await evaluate({ environment, model, judge });
    expect(run).toMatchObject({ status: "succeeded", scores: { graded: 20 }, usage: { failed: 0 } });
    expect(run.scores["accuracy"]).toBeGreaterThan(0.4);
    expect(run.scores["accuracy"]).toBeLessThan(1);
    const failed = (await casesOf(run)).find(({ outcome }) => outcome.status === "failed");
    const { result } = await author.json(caseDetailSchema, "GET", `/runs/${run.id}/cases/0/${failed!.id}`);
    expect(result.explanation).toMatch(/^The judge says: The answer does not say/);
    // Both models' calls are one budget, and are counted together.
    const [asked, judged] = solvers.map(({ calls }) => calls.length);
    expect(asked).toBe(20);
    expect(run.usage?.calls).toBe(asked! + judged!);
    // Asked why cases failed, a model is said to judge itself when it does.
    const why = (name: string) =>
      author.json(judgePassSchema, "POST", `/runs/${run.id}/failures/judge`, { model: name, limit: 1 });
    expect([(await why(model)).judgesItself, (await why(judge)).judgesItself]).toEqual([true, undefined]);
  });

  it("does not score what a judge cannot be understood to say", async () => {
    const [model, judge] = [await modelThat({}), await modelThat({ refusalRate: 1 })];
    const run = await evaluate({ environment, model, judge });
    const { overall } = await author.json(runReportSchema, "GET", `/runs/${run.id}/report`);
    const exact = overall!.counts.passed;
    expect(overall).toMatchObject({ accuracy: { value: 1 }, counts: { failed: 0, notScored: 20 - exact } });
    expect(run.scores).toEqual({ accuracy: 1, graded: exact });
  });
});

describe.skipIf(!hasPython)("warehouse-agent", () => {
  const environment = "warehouse-agent";

  it("is carried out by a model that makes no mistakes, in several turns", async () => {
    const run = await evaluate({ environment, model: await modelThat({}) });
    expect(run).toMatchObject({ status: "succeeded", scores: { success: 1, finished: 30 } });
    expect(run.scores["turns"]).toBeGreaterThan(2);
    expect(run.usage?.calls).toBe(Math.round(30 * run.scores["turns"]!));
    const order = await author.json(caseDetailSchema, "GET", `/runs/${run.id}/cases/0/order-01`);
    const { overall } = await author.json(runReportSchema, "GET", `/runs/${run.id}/report`);
    expect(overall?.measured).toBe(30);
    expect(order.measured).toMatchObject({ calls: expect.any(Number), model: "solver" });
    expect((await casesOf(run)).find(({ id }) => id === "order-01")).toMatchObject({
      latencyMs: order.latencyMs,
      costUsd: order.costUsd,
      measured: order.measured,
    });
    const { result } = order;
    expect(result).toMatchObject({
      usage: { input_tokens: expect.any(Number) },
      metadata: { kind: "clear" },
    });
    expect(result.output).toContainEqual(expect.objectContaining({ role: "tool" }));
  });

  it("shows wrong tool arguments in the state of the world", async () => {
    const run = await evaluate({ environment, model: await modelThat({ errorRate: 0.4, seed: "b" }) });
    expect(run.scores["success"]).toBeGreaterThan(0.2);
    expect(run.scores["success"]).toBeLessThan(0.9);
    const failures = (await casesOf(run)).flatMap(({ failure }) => (failure === undefined ? [] : [failure]));
    expect(new Set(failures.map(({ category, source }) => `${category} ${source}`))).toEqual(
      new Set(["wrong_state program"]),
    );
  });

  it("keeps what a model did before its endpoint went away, and does not score it", async () => {
    const fail: SolverOptions["fail"] = ({ prompt, index }) =>
      index > 0 && prompt.startsWith("Set the price") ? "malformed" : undefined;
    const run = await evaluate({ environment, model: await modelThat({ fail }), limit: 4, concurrency: 1 });
    const outcomes = (await casesOf(run)).map(({ id, outcome }) => `${id} ${outcome.status}`).sort();
    expect(outcomes).toEqual([
      "order-01 passed",
      "order-02 not_scored",
      "order-03 passed",
      "order-04 passed",
    ]);
  });
});

describe.skipIf(!hasPython)("the template of init for models", () => {
  it("is published, and asks a model", async () => {
    const bundle = filesIn(fileURLToPath(new URL("bundle", template)));
    const { environment } = await author.push(bundle, { environment: "from-template" });
    const run = await evaluate({ environment, model: await modelThat({}), epochs: 2 });
    expect(run).toMatchObject({ status: "succeeded", scores: { accuracy: 1, answered: 10 } });
  });
});

it("asks by one client, word for word the same in every example that has it, and in the template", () => {
  const places = [
    "judged-answers/bundle/ingestion_program",
    "judged-answers/bundle/scoring_program",
    "warehouse-agent/bundle/ingestion_program",
  ];
  const files = places.map((place) => readFileSync(`${root}${place}/chat.py`, "utf8"));
  const ours = readFileSync(new URL("bundle/ingestion_program/chat.py", template), "utf8");
  expect(new Set([...files, ours]).size).toBe(1);
});
