import { expect, it } from "vitest";
import { bundleFiles, runSubmitted, script } from "../support/bundle.ts";
import { until } from "../support/api.ts";
import type { Actor } from "../support/pipeline.ts";
import type { TaskTrouble } from "../support/deployment/ecs.ts";
import { describeDeployment, prepared } from "./environment.ts";

/** Scores whatever the submission does. */
const freestyle = (title: string, more: object = {}) =>
  bundleFiles({ title, scoring: runSubmitted("/app/input/res"), ...more });
const scores = `echo '{"accuracy": 1}' > /app/output/scores.json`;

const spot: TaskTrouble = {
  kind: "interrupted",
  once: "working",
  stop: { stopCode: "SpotInterruption", stoppedReason: "Your Spot Task was interrupted." },
};
const noCapacity: TaskTrouble = {
  kind: "refused",
  error: "ECS.AmazonECSException",
  cause: "Capacity is unavailable at this time. Please try again later or in a different availability zone",
};
const lostHost: TaskTrouble = {
  kind: "ended",
  end: {
    stopCode: "TaskFailedToStart",
    stoppedReason: "ResourceInitializationError: unable to pull secrets",
  },
};

/** Resolves when the run's program has printed its first word. */
const isWorking = (actor: Actor, id: string): Promise<string> =>
  until(
    () => actor.log(id),
    (log) => log.includes("working"),
  );

describeDeployment("a Fargate task", (deployment) => {
  it("that is interrupted, or finds no capacity, is run again", async () => {
    const { actor, ecs } = deployment();
    const ada = await actor("ada", "author");
    await ada.push(freestyle("again"));
    ecs.troubles.push(noCapacity, spot, noCapacity);
    const before = ecs.tasks.length;
    const run = await ada.evaluate("again", script(`echo working; sleep 2; ${scores}`));
    expect(run).toMatchObject({ status: "succeeded", scores: { accuracy: 1 } });
    expect(ecs.tasks.slice(before).map(({ end }) => end?.stopCode)).toEqual([
      "SpotInterruption",
      "EssentialContainerExited",
    ]);
  });

  it("that never starts fails the run with what ECS said, and costs the participant nothing", async () => {
    const { actor, ecs } = deployment();
    const ada = await actor("ada", "author");
    await ada.push(freestyle("lost", { phase: { max_submissions: 1 } }));
    ecs.troubles.push(lostHost, lostHost, lostHost);
    const tim = await actor("tim", "submit");
    const lost = await tim.evaluate("lost", script(scores));
    expect(lost).toMatchObject({
      status: "failed",
      reason: { code: "platform_fault", message: expect.stringContaining("ResourceInitializationError") },
    });
    expect(await tim.evaluate("lost", script(scores))).toMatchObject({ status: "succeeded" });
  });

  it.runIf(prepared.docker)("whose image is nowhere fails the run and names the image", async () => {
    const ada = await deployment().actor("ada", "author");
    await ada.push(freestyle("imageless", { competition: { docker_image: "nowhere/none:1" } }));
    const run = await ada.evaluate("imageless", script(scores));
    expect(run).toMatchObject({
      status: "failed",
      reason: { code: "image_not_found", message: expect.stringContaining("nowhere/none:1") },
    });
  });

  it.each([
    ["ingestion", { ingestion: { script: "true" } }],
    ["scoring", {}],
  ])("that ends well without having reported fails the run (%s)", async (kind, more) => {
    const { actor, ecs } = deployment();
    const ada = await actor("ada", "author");
    await ada.push(freestyle(`silent-${kind}`, more));
    const end = {
      stopCode: "EssentialContainerExited",
      stoppedReason: "Essential container in task exited",
      containers: [{ name: "stage-out", exitCode: 0 }],
    };
    ecs.troubles.push({ kind: "ended", end });
    const run = await ada.evaluate(`silent-${kind}`, script(scores));
    expect(run).toMatchObject({ status: "failed", reason: { code: "platform_fault" } });
  });

  it("whose program fails tells its exit code and its last words, and is not run again", async () => {
    const { actor, ecs } = deployment();
    const ada = await actor("ada", "author");
    await ada.push(freestyle("failing"));
    const before = ecs.tasks.length;
    const run = await ada.evaluate("failing", script("echo no luck >&2; exit 3"));
    expect(run).toMatchObject({
      status: "failed",
      reason: { code: "program_failed", stderrTail: expect.stringContaining("no luck") },
    });
    expect(ecs.tasks.length - before).toBe(1);
    expect(await ada.log(run.id)).toContain("no luck");
  });

  it("of a cancelled run is stopped", async () => {
    const { actor, ecs, settled } = deployment();
    const ada = await actor("ada", "author");
    await ada.push(freestyle("cancelled"));
    const submissionId = await ada.submit(script("echo working; sleep 600"));
    const { id } = await ada.start({ environment: "cancelled", submissionId });
    await isWorking(ada, id);
    expect(await ada.cancel(id)).toMatchObject({ status: "cancelled" });
    await settled();
    expect(ecs.tasks.at(-1)?.end).toMatchObject({ stopCode: "UserInitiated" });
    expect(await ada.run(id)).toMatchObject({ status: "cancelled" });
  });

  it("of an execution that somebody aborted is stopped, and its run says so", async () => {
    const { actor, ecs, machine, settled } = deployment();
    const ada = await actor("ada", "author");
    await ada.push(freestyle("aborted"));
    const submissionId = await ada.submit(script("echo working; sleep 600"));
    const { id } = await ada.start({ environment: "aborted", submissionId });
    await isWorking(ada, id);
    await machine.workflow.stop(id, "by hand, in the console");
    await settled();
    expect(await ada.run(id)).toMatchObject({
      status: "failed",
      reason: { code: "platform_fault", message: expect.stringContaining("by hand, in the console") },
    });
    expect(ecs.tasks.at(-1)?.end).toMatchObject({ stopCode: "UserInitiated" });
  });

  it("of a workflow that takes too long is stopped, and its run ends as timed out", async () => {
    const { actor, ecs, machine, settled } = deployment();
    const ada = await actor("ada", "author");
    const competition = { solutions: [{ index: 0, path: "solution", tasks: [0] }] };
    const files = { "solution/main.sh": "echo working; sleep 600\n" };
    await ada.api.upload(ada.token, "bundle", freestyle("slow", { competition, files }));
    const { verifications } = await until(
      () => ada.version("slow"),
      (version) => version.verifications.length > 0,
    );
    const id = verifications[0]!.runId;
    await isWorking(ada, id);
    await machine.timeOut(id);
    await settled();
    expect(await ada.run(id)).toMatchObject({ status: "timed_out", reason: { code: "timed_out" } });
    expect(await ada.version("slow")).toMatchObject({ status: "held" });
    expect(ecs.tasks.at(-1)?.end).toMatchObject({ stopCode: "UserInitiated" });
  });

  it("of an execution of whose end nobody heard is accounted for by the sweep", async () => {
    const { actor, events, machine, table, settled } = deployment();
    const ada = await actor("ada", "author");
    await ada.push(freestyle("unheard"));
    const submissionId = await ada.submit(script("echo working; sleep 600"));
    const { id } = await ada.start({ environment: "unheard", submissionId });
    await isWorking(ada, id);
    events.transform = () => [];
    await machine.workflow.stop(id, "by hand, in the console");
    await settled();
    events.transform = (event) => [event];
    const since = "2020-01-01T00:00:00.000Z";
    await table.write([{ kind: "update", key: { pk: "OPEN#RUN", sk: id }, set: { since } }]);
    await events.tick();
    expect(await ada.run(id)).toMatchObject({ status: "failed", reason: { code: "platform_fault" } });
  });
});
