/** Runs against a model, from the request to the leaderboard; the model is a server of ours that computes its answers. */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { usageByCase } from "@benchgen/core/gateway/gather.ts";
import { type CreateRun, type Run, modelSchema } from "@benchgen/core/wire/api.ts";
import { type Solver, type SolverOptions, startSolver } from "@benchgen/cli/solver/server.ts";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { filesIn } from "../support/bundle.ts";
import { startEndpoint } from "../support/gateway.ts";
import { type Actor, type Pipeline, openPipeline } from "../support/pipeline.ts";

const bundle = fileURLToPath(new URL("../../examples/arithmetic-qa/bundle", import.meta.url));
const hasPython = existsSync("/usr/bin/python3");
if (!hasPython) console.warn("NOT TESTED: runs against a model: there is no /usr/bin/python3 here.");

const environment = "arithmetic-qa";
const key = "sk-very-secret-0123456789";
let pipeline: Pipeline;
let author: Actor;
let solver: Solver | undefined;
let models = 0;

beforeAll(async () => {
  pipeline = await openPipeline();
  author = await pipeline.actor("ada", "author");
  if (hasPython) await author.push(filesIn(bundle), { environment });
});

afterAll(() => pipeline.close());
afterEach(() => solver?.close());

async function evaluate(
  options: SolverOptions,
  more: Partial<CreateRun> = {},
  baseUrl?: string,
): Promise<Run> {
  solver = await startSolver({ key, ...options });
  models += 1;
  const name = `solver-${models}`;
  const prices = { input: 1, output: 2, version: "2026-01" };
  const body = { name, baseUrl: baseUrl ?? solver.url, model: "solver-1", key, prices };
  await author.json(modelSchema, "POST", "/models", body);
  return author.ended((await author.start({ environment, model: name, ...more })).id);
}

describe.skipIf(!hasPython)("a run against a model", () => {
  it("is asked by a sandboxed program, scored, measured case by case, and ranked", async () => {
    const run = await evaluate({ errorRate: 0.2, seed: "a" });
    expect(run).toMatchObject({ status: "succeeded", as: "model", model: { model: "solver-1" } });
    expect(run.reason).toBeUndefined();
    expect(run.scores["accuracy"]).toBeGreaterThan(0.5);
    expect(run.scores["accuracy"]).toBeLessThan(1);
    expect(run.usage).toMatchObject({ calls: 40, failed: 0, estimated: 0 });
    expect(run.usage?.costUsd).toBeCloseTo(
      ((run.usage?.inputTokens ?? 0) * 1 + (run.usage?.outputTokens ?? 0) * 2) / 1e6,
      9,
    );
    const measured = await usageByCase(pipeline.api.local.ports, run.id, 0);
    expect(measured.size).toBe(40);
    expect(measured.get("1#q01")).toMatchObject({ calls: 1, model: "solver-1", stopReason: "stop" });
    const listed = await (await author.call("GET", `/runs/${run.id}/cases?limit=1`)).json();
    const latencies = [...measured.values()].map(({ latencyMs }) => latencyMs);
    const { items } = listed as { items: { latencyMs: number; costUsd: number; inputTokens: number }[] };
    expect(items[0]?.costUsd).toBeGreaterThan(0);
    expect(latencies).toContain(items[0]?.latencyMs);
    expect((await author.board(environment)).map(({ runId }) => runId)).toContain(run.id);
  });

  it("on fewer cases, several times each, reaches no leaderboard", async () => {
    const run = await evaluate({}, { limit: 5, epochs: 3, concurrency: 2 });
    expect(run).toMatchObject({ status: "succeeded", scores: { accuracy: 1, answered: 15 } });
    expect(solver?.calls).toHaveLength(15);
    expect((await author.board(environment)).map(({ runId }) => runId)).not.toContain(run.id);
    expect((await usageByCase(pipeline.api.local.ports, run.id, 0)).get("3#q05")?.calls).toBe(1);
  });

  it("ends by its budget with what it had by then", async () => {
    const run = await evaluate({}, { maxTokens: 300, concurrency: 4 });
    expect(run).toMatchObject({ status: "succeeded", reason: { code: "limit" }, scores: { accuracy: 1 } });
    expect(run.reason?.message).toMatch(
      /^The run's budget of 300 tokens was used up; .* What it had by then was scored\.$/,
    );
    expect(run.usage?.endedBy).toBe("tokens");
    const { inputTokens = 0, outputTokens = 0 } = run.usage ?? {};
    expect(inputTokens + outputTokens).toBeLessThanOrEqual(300);
    expect(run.scores["answered"]).toBeGreaterThan(0);
    expect(run.scores["answered"]).toBeLessThan(40);
    expect((await author.board(environment)).map(({ runId }) => runId)).not.toContain(run.id);
  });

  it("that does not limit its answers ends where its budget does, and keeps the answer that was cut", async () => {
    const files = filesIn(bundle);
    const ask = "ingestion_program/ask.py";
    const unlimited = { ...files, [ask]: files[ask]!.toString().replace('"max_tokens": 32,', "") };
    await author.push(unlimited, { environment: "unlimited" });
    const model = await startEndpoint((request, response) => {
      const chunks: Buffer[] = [];
      request
        .on("data", (chunk: Buffer) => chunks.push(chunk))
        .on("end", () => {
          const { max_tokens = 5000 } = JSON.parse(Buffer.concat(chunks).toString()) as {
            max_tokens?: number;
          };
          const finish_reason = max_tokens < 5000 ? "length" : "stop";
          const message = { role: "assistant", content: "word".repeat(max_tokens) };
          const usage = { prompt_tokens: 5, completion_tokens: max_tokens };
          response.end(JSON.stringify({ choices: [{ index: 0, message, finish_reason }], usage }));
        });
    });
    const run = await evaluate({}, { environment: "unlimited", maxTokens: 2000, limit: 2 }, model.url);
    await model.close();
    expect(run).toMatchObject({ status: "succeeded", reason: { code: "limit" }, scores: { answered: 1 } });
    expect(run.reason?.message).toMatch(/1 call was not let through, 1 answer was cut short/);
    const { items } = (await (await author.call("GET", `/runs/${run.id}/cases`)).json()) as {
      items: { failure?: { category: string } }[];
    };
    const categories = new Set(items.map(({ failure }) => failure?.category));
    expect(categories).toEqual(new Set(["error", "truncated"]));
  });

  it("with a budget of zero says that this is why nothing was scored", async () => {
    const run = await evaluate({}, { maxCostUsd: 0 });
    expect(run).toMatchObject({ status: "failed", reason: { code: "limit" } });
    expect(run.reason?.message).toMatch(
      /^No call fits into the run's budget of \$0; \d+ calls were not let through\. /,
    );
    expect(run.reason?.message).not.toContain("What it had by then");
    expect(run.reason?.hint).toContain("larger budget");
    expect(solver?.calls).toHaveLength(0);
  });

  it("whose key is wrong keeps the reason with every case, and shows the key nowhere", async () => {
    const run = await evaluate({ key: "another" }, { limit: 2 });
    expect(run.status).toBe("failed");
    expect(run.usage).toMatchObject({ calls: 2, failed: 2, costUsd: 0 });
    const logs = await (await author.call("GET", `/runs/${run.id}/logs`)).text();
    expect(logs + JSON.stringify(run)).not.toContain(key);
  });

  it("that is not there ends in good time", async () => {
    const run = await evaluate({}, { limit: 2 }, "http://127.0.0.1:1/v1");
    expect(run).toMatchObject({
      status: "failed",
      usage: { failed: 8, lastError: { code: "upstream_unreachable" } },
    });
  });

  it.each([
    ["rate_limit", "upstream_rate_limited"],
    ["server_error", "upstream_failed"],
    ["redirect", "upstream_redirected"],
    ["malformed", "upstream_unreadable"],
    ["cut", "upstream_cut"],
  ] as const)("keeps what it had when the endpoint ends in %s, and says so: %s", async (mode, code) => {
    const fail: SolverOptions["fail"] = ({ index }) => (index < 2 ? undefined : mode);
    const run = await evaluate({ fail }, { limit: 3, concurrency: 1 });
    expect(run).toMatchObject({ status: "succeeded", scores: { accuracy: 1, answered: 2 } });
    expect(run.usage).toMatchObject({ lastError: { code } });
    expect(run.tasks[0]?.cases).toMatchObject({ total: 3, passed: 2, errored: 1 });
  });

  it("gets its answers although the endpoint fails now and then", async () => {
    const run = await evaluate(
      { fail: ({ index }) => (index % 3 === 0 ? "rate_limit" : undefined) },
      { limit: 3 },
    );
    expect(run).toMatchObject({ status: "succeeded", scores: { accuracy: 1, answered: 3 } });
  });
});

describe.skipIf(!hasPython)("a request for a run", () => {
  it("needs a submission or a model", async () => {
    expect(await author.problem("POST", "/runs", { environment })).toMatchObject({
      code: "submission_missing",
    });
    expect(await author.problem("POST", "/runs", { environment, limit: 3 })).toMatchObject({
      code: "model_missing",
    });
  });

  it("cannot name a model of somebody else's", async () => {
    await evaluate({}, { limit: 1 });
    const eve = await pipeline.actor("eve", "admin", "elsewhere");
    expect(
      await eve.problem("POST", "/runs", { environment: "lab/arithmetic-qa", model: "solver-1" }),
    ).toMatchObject({
      code: "not_found",
    });
  });

  it("for a judge is refused where nothing asks for one", async () => {
    await evaluate({}, { limit: 1 });
    const body = { environment, model: `solver-${models}`, judge: `solver-${models}` };
    expect(await author.problem("POST", "/runs", body)).toMatchObject({ code: "judge_unused" });
  });
});
