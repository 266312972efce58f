import { expect, it } from "vitest";
import { bundleFiles, scored } from "../support/bundle.ts";
import { describeDeployment, prepared } from "./environment.ts";

it("has stand-ins for AWS", ({ skip }) => {
  skip(prepared.standIns === undefined, `NOT TESTED: the deployment, for want of ${prepared.missing}`);
});

const verified = {
  competition: { solutions: [{ index: 0, path: "solution", tasks: [0] }] },
  files: { "solution/scores.json": `{"accuracy": 0.5, "loss": 0}` },
};

describeDeployment("a deployment", (deployment) => {
  it("goes from the event of an uploaded bundle to a published version, its solution run", async () => {
    const { actor, events } = deployment();
    const ada = await actor("ada", "author");
    const version = await ada.push(bundleFiles({ title: "Verified", ...verified }));
    expect(version).toMatchObject({ status: "published", verifications: [{ status: "succeeded" }] });
    await deployment().settled();
    const types = events.events
      .filter(({ event }) => event.source === "benchgen")
      .map(({ event }) => event["detail-type"]);
    expect(types).toEqual(["Upload Validated", "Run Started", "Run Finished", "Environment Published"]);
    const tim = await actor("tim", "submit");
    const run = await tim.evaluate("verified", scored(0.75, 2));
    expect(run).toMatchObject({ status: "succeeded", scores: { accuracy: 0.75, loss: 2 } });
    expect(await tim.board("verified")).toMatchObject([{ rank: 1, runId: run.id, participant: "tim" }]);
    const finished = events.events.find(({ event }) => event.detail["id"] === `finished-${run.id}`);
    expect(finished).toMatchObject({
      bus: deployment().description.busName,
      event: { "detail-type": "Run Finished", detail: { status: "succeeded", scores: { accuracy: 0.75 } } },
    });
  });
});
