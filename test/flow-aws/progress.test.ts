/** How far a run is, told as events: by what its programs print, which CloudWatch passes on, and by their calls. */
import { existsSync } from "node:fs";
import { startSolver } from "@benchgen/cli/solver/server.ts";
import { modelSchema } from "@benchgen/core/wire/api.ts";
import { expect, it } from "vitest";
import { until } from "../support/api.ts";
import { bundleFiles, scored } from "../support/bundle.ts";
import type { Deployment } from "../support/deployment/deployment.ts";
import { silentProgram } from "../support/silent-program.ts";
import { describeDeployment, prepared } from "./environment.ts";

const hasPython = prepared.docker || existsSync("/usr/bin/python3");

function toldOf({ events }: Deployment, runId: string) {
  return events.events
    .map(({ event }) => event)
    .filter(
      ({ source, detail }) => source === "benchgen" && JSON.stringify(detail["run"] ?? "").includes(runId),
    );
}

describeDeployment("the progress of a run", (deployment) => {
  it("is an event when a program prints it, and none when the phase hides that", async () => {
    const { actor, functions } = deployment();
    const ada = await actor("ada", "author");
    const lines = "printf 'loading\\nProcessing: 1/2 (50%%)\\nProcessing: 2/2 (100%%) accuracy=0.5\\n'";
    const scoring = { script: `${lines}; sleep 600` };
    await ada.push(bundleFiles({ title: "telling", scoring }));
    const submissionId = await ada.submit(scored(0.5));
    const run = await ada.start({ environment: "telling", submissionId });
    await until(
      () => Promise.resolve(toldOf(deployment(), run.id)),
      (told) => told.some(({ detail }) => JSON.stringify(detail).includes(`"percent":100`)),
    );
    await ada.cancel(run.id);
    await ada.ended(run.id);
    const told = toldOf(deployment(), run.id);
    const types = told.map((event) => event["detail-type"]);
    expect(types[0]).toBe("Run Started");
    expect(types.lastIndexOf("Run Progressed")).toBeLessThan(types.indexOf("Run Finished"));
    // Both lines may have come in one delivery, or in two.
    const progressed = told.filter((event) => event["detail-type"] === "Run Progressed");
    expect(progressed.at(-1)!.detail).toMatchObject({
      id: `progressed-${run.id}-${progressed.length}`,
      run: { id: run.id },
      task: 0,
      progress: { done: 2, total: 2, percent: 100, values: { accuracy: 0.5 } },
    });
    expect(progressed.at(-1)!.detail).not.toHaveProperty("usage");

    // Longer than the log driver keeps lines to itself.
    const brief = { script: `${lines}; sleep 3; cp /app/input/res/scores.json /app/output/` };
    await ada.push(bundleFiles({ title: "hiding", scoring: brief, phase: { hide_output: true } }));
    const hidden = await ada.evaluate("hiding", scored(0.5));
    expect(toldOf(deployment(), hidden.id).map((event) => event["detail-type"])).toEqual([
      "Run Started",
      "Run Finished",
    ]);
    expect(functions.output.join("")).not.toContain('"level":"error","message":"progress"');
  });

  it.skipIf(!hasPython)("is its calls to a model where nothing is printed", async () => {
    const ada = await deployment().actor("ada", "author");
    const solver = await startSolver();
    const model = { name: "solver", baseUrl: solver.url, model: "solver-1", key: "any" };
    await ada.json(modelSchema, "POST", "/models", model);
    await ada.push(bundleFiles({ title: "silent", ...silentProgram }));
    const { id } = await ada.start({ environment: "silent", model: "solver", limit: 3 });
    await ada.ended(id);
    const told = toldOf(deployment(), id);
    expect(told.map((event) => event["detail-type"])).toEqual([
      "Run Started",
      "Run Progressed",
      "Run Progressed",
      "Run Finished",
    ]);
    expect(told[1]!.detail).toMatchObject({ task: 0, progress: { done: 1, total: 3, unit: "calls" } });
    expect(told[2]!.detail).toMatchObject({
      progress: { done: 3, total: 3, percent: 100, unit: "calls" },
      // Its prices are unknown.
      usage: { calls: 3, failed: 0, costUsd: null },
    });
    await ada.call("DELETE", "/models/solver");
    await solver.close();
  });
});
