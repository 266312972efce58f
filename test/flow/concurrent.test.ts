/** `ingestion_only_during_scoring`: both programs alive at once, over one shared directory. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bundleFiles, script } from "../support/bundle.ts";
import { processesWith } from "../support/process.ts";
import { type Actor, type Pipeline, openPipeline } from "../support/pipeline.ts";

const mark = `concurrent-${process.pid}-two`;
let pipeline: Pipeline;
let tim: Actor;

beforeAll(async () => {
  pipeline = await openPipeline();
  const author = await pipeline.actor("ada", "author");
  tim = await pipeline.actor("tim", "submit");
  // The scoring program asks, what was submitted answers: neither could go on alone.
  await author.push(
    bundleFiles({
      task: { ingestion_only_during_scoring: true },
      ingestion: {
        metadata: { command: `sh $program/main.sh ${mark}` },
        script: "until [ -e /app/shared/question ]; do sleep 0.02; done; . /app/ingested_program/main.sh",
      },
      scoring: {
        metadata: { command: `sh $program/main.sh ${mark}` },
        script: `ls /app/input /app/input/ref
echo 41 > /app/shared/draft; mv /app/shared/draft /app/shared/question
until [ -e /app/shared/answer ]; do sleep 0.02; done
printf '{"accuracy": %s, "loss": 0}' "$(cat /app/shared/answer)" > /app/output/scores.json`,
      },
    }),
  );
});

afterAll(() => pipeline.close());

describe("two programs at once", () => {
  it("exchange through /app/shared, and the answers are seen by the scoring program alone", async () => {
    const run = await tim.evaluate(
      "flow",
      script(`ls -d /app/input/ref /app/*_data
echo $(($(cat /app/shared/question) + 1)) > /app/shared/draft; mv /app/shared/draft /app/shared/answer`),
    );
    expect(run).toMatchObject({ status: "succeeded", scores: { accuracy: 42 } });
    const log = await tim.log(run.id);
    expect(log).toContain("answers.txt");
    expect(log).toMatch(/ls: cannot access '?\/app\/input\/ref/);
    expect(log).toContain("/app/input_data");
  });

  it("end together when one of them fails", async () => {
    const run = await tim.evaluate("flow", script("echo gone >&2; exit 5"));
    expect(run).toMatchObject({
      status: "failed",
      reason: {
        code: "program_failed",
        message: "The ingestion program failed with exit code 5.",
        stderrTail: expect.stringContaining("gone"),
      },
    });
    expect(processesWith(mark)).toEqual([]);
  });
});
