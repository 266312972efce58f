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

  it("keeps a run's cases and its report", async () => {
    const ada = await deployment().actor("ada", "author");
    const lines = [1, 2].map((id) => JSON.stringify({ id: `case-${id}`, passed: id === 1, output: "x" }));
    const write = [
      ...lines.map((line) => `echo '${line}' >> /app/output/results.jsonl`),
      "echo '<p>detail</p>' > /app/output/detailed_results.html",
      "cp /app/input/res/scores.json /app/output/",
    ];
    await ada.push(bundleFiles({ title: "cases", scoring: { script: write.join("\n") } }));
    const run = await ada.evaluate("cases", scored(0.5));
    expect(run).toMatchObject({ status: "succeeded" });
    const cases = await ada.call("GET", `/runs/${run.id}/cases`);
    expect(((await cases.json()) as { items: unknown[] }).items).toHaveLength(2);
  });

  it("answers at any length: what Lambda cannot carry is fetched from a signed URL", async () => {
    const { actor, url } = deployment();
    const ada = await actor("ada", "author");
    const count = 40;
    const output = "x".repeat(100_000);
    const print = `printf '{"id":"%s","passed":true,"output":"%s"}\\n' "$id" "$output"`;
    const write = [
      `output=$(head -c ${output.length} /dev/zero | tr '\\0' x)`,
      `for id in $(seq ${count}); do ${print}; done >/app/output/results.jsonl`,
      "cp /app/input/res/scores.json /app/output/",
    ];
    await ada.push(bundleFiles({ title: "long", scoring: { script: write.join("\n") } }));
    const run = await ada.evaluate("long", scored(0.5));
    const answer = await ada.call("GET", `/runs/${run.id}/cases/export?outcome=all`);
    expect(new URL(answer.url).host).not.toBe(new URL(url).host);
    const lines = (await answer.text()).trim().split("\n");
    expect(lines.map((line) => (JSON.parse(line) as { output: string }).output)).toEqual(
      Array.from({ length: count }, () => output),
    );
  });

  it("shows a participant's best run where the board's rule says so", async () => {
    const ada = await deployment().actor("ada", "author");
    const column = { title: "Accuracy", key: "accuracy", index: 0 };
    const board = { title: "Best", key: "main", submission_rule: "Force_Best", columns: [column] };
    await ada.push(bundleFiles({ title: "best", competition: { leaderboards: [board] } }));
    await ada.evaluate("best", scored(0.5));
    const better = await ada.evaluate("best", scored(0.75));
    expect(await ada.board("best")).toMatchObject([{ runId: better.id, scores: { accuracy: 0.75 } }]);
  });
});
