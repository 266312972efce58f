/** How far a run is, by what its programs print. */
import { type Run, runLogsSchema, runSchema } from "@benchgen/core/wire/api.ts";
import { afterAll, beforeAll, expect, it } from "vitest";
import { until } from "../support/api.ts";
import { bundleFiles, runSubmitted, script } from "../support/bundle.ts";
import { type Actor, type Pipeline, openPipeline } from "../support/pipeline.ts";

let pipeline: Pipeline;
let ada: Actor;
let tim: Actor;
beforeAll(async () => {
  pipeline = await openPipeline();
  ada = await pipeline.actor("ada", "author");
  tim = await pipeline.actor("tim", "submit");
});
afterAll(() => pipeline.close());

const watch = (actor: Actor, id: string): Promise<Run> =>
  actor.json(runSchema, "GET", `/runs/${id}?progress=true`);

async function startOn(environment: string): Promise<Run["id"]> {
  const printing = "printf 'Processing: 1/100 (1%%)\\nProcessing: 10/100 (10%%)\\nbusy\\n'; sleep 100";
  return (await tim.start({ environment, submissionId: await tim.submit(script(printing)) })).id;
}

it("is shown while the program runs, when asked for, and is gone when it is over", async () => {
  await ada.push(bundleFiles({ title: "Open", scoring: runSubmitted("/app/input/res") }));
  const id = await startOn("open");
  const run = await until(
    () => watch(tim, id),
    ({ progress }) => progress !== undefined,
  );
  expect(run.progress).toMatchObject({ done: 10, total: 100 });
  expect(run.tasks[0]!.progress).toEqual(run.progress);
  expect((await tim.run(id)).progress).toBeUndefined();
  const log = await tim.json(runLogsSchema, "GET", `/runs/${id}/logs`);
  expect(log.progress).toMatchObject([{ task: 0, done: 10, total: 100 }]);
  await tim.cancel(id);
  await tim.ended(id);
  expect((await watch(tim, id)).progress).toBeUndefined();
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
