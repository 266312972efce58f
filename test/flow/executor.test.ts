/** One small evaluation, with both programs, through every executor this machine has. */
import { probeAll } from "@benchgen/local/executor/probe.ts";
import { describe, expect, it } from "vitest";
import { type BundleParts, bundleFiles, scored, script } from "../support/bundle.ts";
import { openPipeline } from "../support/pipeline.ts";

/** An image that is on this machine, with a shell: tests fetch nothing from any registry. */
const testImage = process.env["BENCHGEN_TEST_IMAGE"];

const executors = (await probeAll()).map(({ name, available, reason }) => {
  if (!available) return { name, missing: reason };
  const imageless = name === "docker" && testImage === undefined;
  return { name, missing: imageless ? "BENCHGEN_TEST_IMAGE names no image" : undefined };
});
for (const { name, missing } of executors) {
  if (missing !== undefined) console.warn(`NOT TESTED: whole runs with ${name}: ${missing}`);
}

const parts: BundleParts = {
  ingestion: { script: ". $1/main.sh", metadata: { command: "sh $program/main.sh $submission_program" } },
  scoring: {
    script: "cp $1/res/scores.json $2/scores.json",
    metadata: { command: "sh $program/main.sh $input $output" },
  },
  competition: { solutions: [{ index: 0, path: "solution", tasks: [0] }] },
  files: { "solution/main.sh": `printf '{"accuracy": 1, "loss": 0}' > /app/output/scores.json\n` },
};

describe.each(executors)("with $name", ({ name, missing }) => {
  it.skipIf(missing !== undefined)(
    "a version is verified and published, and a run is scored and ranked",
    async () => {
      const pipeline = await openPipeline({ executor: name });
      const author = await pipeline.actor("ada", "author");
      const task = name === "docker" ? { docker_image: testImage } : {};
      const version = await author.push(bundleFiles({ ...parts, task }));
      expect(version).toMatchObject({ status: "published", verifications: [{ status: "succeeded" }] });
      const run = await author.evaluate(
        "flow",
        script('echo {\\"accuracy\\": 0.5, \\"loss\\": 2} > /app/output/scores.json'),
      );
      expect(run).toMatchObject({
        status: "succeeded",
        scores: { accuracy: 0.5, loss: 2 },
        tasks: [{ executor: name }],
      });
      expect(await author.board("flow")).toMatchObject([{ rank: 1, runId: run.id }]);
      await pipeline.close();
    },
  );
});

const docker = executors.find(({ name }) => name === "docker");

it.skipIf(docker?.missing !== undefined)(
  "an image that is not there fails the run, and says which",
  async () => {
    const pipeline = await openPipeline();
    const author = await pipeline.actor("ada", "author");
    // Nothing listens there: no registry is asked.
    await author.push(bundleFiles({ task: { docker_image: "127.0.0.1:9/benchgen-test:missing" } }));
    const run = await author.evaluate("flow", scored(1));
    expect(run).toMatchObject({ status: "failed", reason: { code: "image_not_found" } });
    expect(run.reason?.message).toContain("127.0.0.1:9/benchgen-test:missing");
    await pipeline.close();
  },
);
