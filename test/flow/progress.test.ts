/** How far a run is, by what its programs print, or by their calls to a model. */
import { existsSync } from "node:fs";
import { type Run, modelSchema, runLogsSchema, runSchema } from "@benchgen/core/wire/api.ts";
import { tableKey } from "@benchgen/core/record/key.ts";
import type { BenchgenEvent } from "@benchgen/core/wire/event.ts";
import { startSolver } from "@benchgen/cli/solver/server.ts";
import { afterAll, beforeAll, expect, it } from "vitest";
import { until } from "../support/api.ts";
import { bundleFiles, runSubmitted, scored, script } from "../support/bundle.ts";
import { type Actor, type Pipeline, openPipeline } from "../support/pipeline.ts";
import { silentProgram } from "../support/silent-program.ts";

let pipeline: Pipeline;
let ada: Actor;
let tim: Actor;
beforeAll(async () => {
  pipeline = await openPipeline();
  ada = await pipeline.actor("ada", "author");
  tim = await pipeline.actor("tim", "submit");
});
afterAll(() => pipeline.close());

/** What is told of a run from now on. */
function eventsOf({ api }: Pipeline): (id: Run["id"]) => BenchgenEvent[] {
  const events: BenchgenEvent[] = [];
  api.local.events.subscribe((event) => events.push(event));
  return (id) => events.filter(({ detail }) => "run" in detail && detail.run.id === id);
}

const watch = (actor: Actor, id: string): Promise<Run> =>
  actor.json(runSchema, "GET", `/runs/${id}?progress=true`);

async function startOn(environment: string): Promise<Run["id"]> {
  const printing =
    "printf 'Processing: 1/100 (1%%)\\nProcessing: 10/100 (10%%) accuracy=0.8\\nbusy\\n'; sleep 600";
  return (await tim.start({ environment, submissionId: await tim.submit(script(printing)) })).id;
}

it("is shown while the program runs, when asked for, and is gone when it is over", async () => {
  await ada.push(bundleFiles({ title: "Open", scoring: runSubmitted("/app/input/res") }));
  const id = await startOn("open");
  const run = await until(
    () => watch(tim, id),
    ({ progress }) => progress !== undefined,
  );
  expect(run.progress).toMatchObject({ done: 10, total: 100, values: { accuracy: 0.8 } });
  expect(run.tasks[0]!.progress).toEqual(run.progress);
  expect((await tim.run(id)).progress).toBeUndefined();
  const log = await tim.json(runLogsSchema, "GET", `/runs/${id}/logs`);
  expect(log.progress).toMatchObject([{ task: 0, done: 10, total: 100, values: { accuracy: 0.8 } }]);
  await tim.cancel(id);
  await tim.ended(id);
  expect((await watch(tim, id)).progress).toBeUndefined();
});

it("is told as events, the last word too, and no more once the run is over", async () => {
  const told = eventsOf(pipeline);
  const printing = [
    "echo 'Processing: 1/3 (33%) accuracy=1'; sleep 2",
    "printf 'Processing: 2/3 (67%%)\\nbusy\\nProcessing: 3/3 (100%%)\\n'",
    "cp /app/input/res/scores.json /app/output/",
  ];
  const scoring = { script: printing.join("\n") };
  await ada.push(bundleFiles({ title: "Told", scoring }));
  const run = await tim.evaluate("told", scored(0.5));
  expect(run.status).toBe("succeeded");
  await until(
    () => Promise.resolve(told(run.id)),
    (events) => events.at(-1)?.type === "Run Finished",
  );
  const [started, ...others] = told(run.id);
  expect(others.map(({ type }) => type)).toEqual(["Run Progressed", "Run Progressed", "Run Finished"]);
  const [first, last] = others.flatMap((event) => (event.type === "Run Progressed" ? [event] : []));
  expect(first!.detail).toEqual({
    ...started!.detail,
    task: 0,
    progress: { done: 1, total: 3, percent: 33, at: expect.any(String) as string, values: { accuracy: 1 } },
  });
  expect(last!.detail.progress).toMatchObject({ done: 3, total: 3, percent: 100 });
  expect([first!.id, last!.id]).toEqual([`progressed-${run.id}-1`, `progressed-${run.id}-2`]);
  expect(await pipeline.api.local.ports.table.get(tableKey.progress(run.id))).toBeUndefined();
});

it("is shown to authors only where the phase hides what programs print", async () => {
  const phase = { hide_output: true };
  await ada.push(bundleFiles({ title: "Closed", scoring: runSubmitted("/app/input/res"), phase }));
  const id = await startOn("closed");
  await until(
    () => watch(ada, id),
    ({ progress }) => progress !== undefined,
  );
  expect((await watch(tim, id)).progress).toBeUndefined();
  await tim.cancel(id);
  await tim.ended(id);
});

const hasPython = existsSync("/usr/bin/python3");
if (!hasPython) console.warn("NOT TESTED: progress by calls: there is no /usr/bin/python3 here.");

it.skipIf(!hasPython)("is the calls of a program that prints nothing, with what they came to", async () => {
  const told = eventsOf(pipeline);
  const solver = await startSolver();
  const model = { name: "solver", baseUrl: solver.url, model: "solver-1", key: "any" };
  await ada.json(modelSchema, "POST", "/models", { ...model, prices: { input: 1, output: 2, version: "1" } });
  await ada.push(bundleFiles({ title: "Silent", ...silentProgram }));
  const { id } = await ada.start({ environment: "silent", model: "solver", limit: 5, epochs: 2 });
  const run = await until(
    () => watch(ada, id),
    ({ progress }) => progress?.done === 3,
  );
  expect(run.progress).toMatchObject({ done: 3, total: 10, unit: "calls" });
  expect(run.tasks[0]!.progress).toEqual(run.progress);
  expect(run.usage).toMatchObject({ calls: 3, failed: 0 });
  expect(run.usage?.costUsd).toBeGreaterThan(0);
  const [first] = told(id).filter(({ type }) => type === "Run Progressed");
  expect(first?.detail).toMatchObject({
    task: 0,
    progress: { done: 1, total: 10, percent: 10, unit: "calls" },
    usage: { calls: 1, failed: 0, costUsd: expect.any(Number) as number },
  });
  // The program has ended: how many calls it made is told at once.
  await until(
    () => Promise.resolve(told(id).filter(({ type }) => type === "Run Progressed")),
    ({ length }) => length === 2,
  );
  expect(told(id).findLast(({ type }) => type === "Run Progressed")?.detail).toMatchObject({
    progress: { done: 3, total: 10, percent: 30, unit: "calls" },
    usage: { calls: 3, failed: 0 },
  });
  await ada.ended(id);
  await solver.close();
});
