import { expect, it } from "vitest";
import { bundleFiles, scored } from "../support/bundle.ts";
import { faultOf } from "../support/deployment/fault.ts";
import { describeDeployment } from "./environment.ts";

const steps = ["validate", "publish", "plan", "read-ingestion", "read-scores", "merge", "finish"];

const bundle = (title: string) =>
  bundleFiles({
    title,
    competition: { solutions: [{ index: 0, path: "solution", tasks: [0] }] },
    files: { "solution/scores.json": `{"accuracy": 0.5, "loss": 0}` },
    ingestion: { script: "cp /app/ingested_program/* /app/output/" },
  });

describeDeployment("functions that die", (deployment) => {
  // In one round or another, each step dies after each of its writes.
  it.each([0, 1, 2, 3])("leave nothing half done, wherever they do (round %i)", async (round) => {
    const { actor, proxy, events, settled } = deployment();
    const ada = await actor("ada", "author");
    const die = (skip: number) => {
      proxy.heal();
      for (const step of steps) proxy.inject(faultOf(step, "kill after", { writes: true, skip }));
    };
    die(round);
    // Once more, when the six contents are stored, two writes each: Lambda tries three times in all.
    proxy.inject(faultOf("publish", "kill after", { writes: true, skip: 12 + round }));
    const name = `round-${round}`;
    const version = await ada.push(bundle(name));
    await settled();
    expect(version).toMatchObject({ status: "published", verifications: [{ status: "succeeded" }] });
    die(round + 4);
    const run = await ada.evaluate(name, { ...scored(0.75), "main.py": "" });
    proxy.heal();
    expect(run).toMatchObject({ status: "succeeded", scores: { accuracy: 0.75 } });
    expect(await ada.board(name)).toMatchObject([{ rank: 1, runId: run.id }]);
    const told = events.events.map(({ event }) => event.detail["id"]);
    expect(told).toContain(`started-${run.id}`);
    expect(told).toContain(`finished-${run.id}`);
    expect(events.deadLetters).toEqual([]);
  });

  it("wait until stores that throttle answer again", async () => {
    const { actor, proxy } = deployment();
    const ada = await actor("ada", "author");
    for (const step of steps) {
      proxy.inject(faultOf(step, "throttle", { service: "dynamodb", times: 2 }));
      proxy.inject(faultOf(step, "throttle", { service: "s3", times: 2 }));
    }
    expect(await ada.push(bundle("throttled"))).toMatchObject({ status: "published" });
    proxy.heal();
  });

  it("try again when their clients have given up", async () => {
    const { actor, proxy } = deployment();
    const ada = await actor("ada", "author");
    await ada.push(bundleFiles({ title: "refused" }));
    // More than the five attempts of AWS's own clients.
    proxy.inject(faultOf("plan", "throttle", { service: "dynamodb", times: 6 }));
    const run = await ada.evaluate("refused", scored(0.25));
    expect(run).toMatchObject({ status: "succeeded" });
  });

  it("lose no run when the API dies between writing it and starting its workflow", async () => {
    const { actor, proxy, table, events, settled } = deployment();
    const ada = await actor("ada", "author");
    await ada.push(bundle("orphan"));
    const submissionId = await ada.submit({ ...scored(1), "main.py": "" });
    proxy.inject(faultOf("api", "kill before", { service: "states", operation: "StartExecution" }));
    const answer = await ada.call("POST", "/runs", { body: { environment: "orphan", submissionId } });
    expect(answer.status).toBe(500);
    const { items } = await table.query({ pk: "OPEN#RUN" });
    expect(items).toHaveLength(1);
    const [open] = items;
    // The sweep leaves young work to whoever is doing it.
    const { pk, sk } = open!;
    await table.write([{ kind: "update", key: { pk, sk }, set: { since: "2020-01-01T00:00:00.000Z" } }]);
    await events.tick();
    await settled();
    expect(await ada.run(sk)).toMatchObject({ status: "succeeded", scores: { accuracy: 1 } });
  });
});
