/** Every reason for which a run can fail, each met by a whole run, with words a person can act on. */
import type { Run } from "@benchgen/core/wire/api.ts";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { bundleFiles, copyScores, programFiles, runSubmitted, scored, script } from "../support/bundle.ts";
import { type Actor, type Pipeline, openPipeline } from "../support/pipeline.ts";

const good = 'echo {\\"accuracy\\": 1, \\"loss\\": 0} > /app/output/scores.json';
const limits = { resources: { memory: "64MiB", disk: "8MiB" } };

let pipeline: Pipeline;
let author: Actor;
let tim: Actor;

beforeAll(async () => {
  pipeline = await openPipeline();
  author = await pipeline.actor("ada", "author");
  tim = await pipeline.actor("tim", "submit");
  // Its scoring program is whatever is submitted: each way to fail is a submission.
  await author.push(bundleFiles({ title: "scorer", scoring: runSubmitted("/app/input/res", limits) }));
  const hurry = { resources: { time: "2s" } };
  await author.push(bundleFiles({ title: "hurried", scoring: runSubmitted("/app/input/res", hurry) }));
  await author.push(
    bundleFiles({ title: "ingester", ingestion: runSubmitted("/app/ingested_program"), scoring: copyScores }),
  );
  await author.push(twoTasks);
});

afterAll(() => pipeline.close());

/** Task 1 fails where the submission says so. */
const twoTasks = bundleFiles({
  title: "two",
  phase: { tasks: [0, 1] },
  competition: {
    tasks: [0, 1].map((index) => ({
      index,
      name: ["First", "Second"][index],
      scoring_program: `scoring_${index}`,
      reference_data: "reference_data",
    })),
  },
  files: {
    ...programFiles("scoring_0", copyScores),
    ...programFiles("scoring_1", {
      script:
        "if [ -e /app/input/res/fail ]; then echo second is lost >&2; exit 4; fi; cp /app/input/res/scores.json /app/output/",
    }),
  },
});

async function score(text: string, environment = "scorer"): Promise<Run> {
  return tim.evaluate(environment, script(text));
}

describe("a run fails", () => {
  it("when its program does, with the exit code and the last lines it wrote to stderr", async () => {
    const run = await score('echo out; echo "first" >&2; echo "the answer file is torn" >&2; exit 3');
    expect(run).toMatchObject({ status: "failed", reason: { code: "program_failed" } });
    expect(run.reason?.message).toBe("The scoring program failed with exit code 3.");
    expect(run.reason?.stderrTail).toBe("first\nthe answer file is torn");
    expect(run.tasks).toMatchObject([{ status: "failed", reason: run.reason }]);
    expect(await tim.log(run.id)).toContain("the answer file is torn");
  });

  it("when its program is ended by a signal, and says which", async () => {
    expect((await score("kill -SEGV $$")).reason).toMatchObject({
      code: "program_failed",
      message: "The scoring program was ended by the signal SIGSEGV.",
    });
  });

  it("when its command is not there, and says what 127 means", async () => {
    const { reason } = await score("no-such-command");
    expect(reason).toMatchObject({
      code: "program_failed",
      stderrTail: expect.stringContaining("no-such-command"),
    });
    expect(reason?.hint).toContain("the command was not found");
  });

  it("with time_limit beyond the time its program may take", async () => {
    const run = await score("sleep 600", "hurried");
    expect([run.status, run.reason?.code]).toEqual(["failed", "time_limit"]);
    expect(run.reason?.message).toContain("time limit of 2 seconds");
  });

  it.each([
    // What it read is held until somebody takes it: whenever its memory is looked at, it is there.
    ["out_of_memory", "head -c 300000000 /dev/zero | tail -c 299999999 | sleep 600", "64 MiB of memory"],
    ["disk_full", "head -c 64000000 /dev/zero > /app/output/x", "8 MiB of disk"],
    // Sparse files take no room on the disk.
    ["output_too_large", `${good}; truncate -s 6M /app/output/a /app/output/b`, "larger than 8 MiB"],
  ])("with %s beyond what its program may use", async (code, text, message) => {
    const run = await score(text);
    expect([run.status, run.reason?.code]).toEqual(["failed", code]);
    expect(run.reason?.message).toContain(message);
  });

  it.each([
    ["no_scores", "true", "scores.json"],
    ["scores_unreadable", "echo '{\"accuracy\": ' > /app/output/scores.json", "scores.json"],
    ["scores_unreadable", "echo '[1]' > /app/output/scores.json", "scores.json"],
    ["nothing_scored", "echo '{\"acc\": 1}' > /app/output/scores.json", "accuracy"],
    ["nothing_scored", 'echo \'{"accuracy": NaN, "loss": "?"}\' > /app/output/scores.json', "accuracy"],
  ])("with %s (%s)", async (code, text, message) => {
    const run = await score(text);
    expect([run.status, run.reason?.code]).toEqual(["failed", code]);
    expect(run.reason?.message).toContain(message);
    expect(await author.board("scorer")).not.toContainEqual(expect.objectContaining({ runId: run.id }));
  });

  it("with scores.json that is a link, which is not followed", async () => {
    const run = await score("ln -s /etc/hostname /app/output/scores.json");
    expect(run.reason?.code).toBe("no_scores");
    expect(run.tasks[0]!.notes.join()).toContain("scores.json (a link)");
  });

  it("when the ingestion program does, and then nothing is scored", async () => {
    const run = await tim.evaluate("ingester", script("echo no model >&2; exit 9"));
    expect(run.reason).toMatchObject({
      code: "program_failed",
      message: "The ingestion program failed with exit code 9.",
      stderrTail: "no model",
    });
    const files = await (await tim.call("GET", `/runs/${run.id}/files`)).text();
    expect(files).toContain('"ingestion"');
    expect(files).not.toContain('"scoring"');
  });

  it("with advice, when an ingestion program was given what holds no code", async () => {
    const run = await tim.evaluate("ingester", scored(0.5));
    expect(run).toMatchObject({ status: "failed", as: "code", reason: { code: "program_failed" } });
    expect(run.reason?.hint).toContain("--as predictions");
  });

  it("when one of its tasks does, naming it, and the others finish all the same", async () => {
    const run = await tim.evaluate("two", { ...scored(0.5), fail: "" });
    expect(run).toMatchObject({
      status: "failed",
      reason: { code: "program_failed", stderrTail: "second is lost" },
      tasks: [{ status: "succeeded", scores: { accuracy: 0.5 } }, { status: "failed" }],
    });
    expect(run.reason?.message).toBe('Task "Second": The scoring program failed with exit code 4.');
    expect(await tim.board("two")).toEqual([]);
  });

  it("when nothing can run its programs, with what to install, and costs nothing", async () => {
    vi.stubEnv("DOCKER_HOST", "unix:///nonexistent/docker.sock");
    const other = await openPipeline({ executor: "docker" });
    const eve = await other.actor("eve", "author");
    await eve.push(bundleFiles({ phase: { max_submissions: 1 } }));
    for (let attempt = 0; attempt < 2; attempt++) {
      const run = await eve.evaluate("flow", scored(1));
      expect(run).toMatchObject({ status: "failed", reason: { code: "executor_missing" } });
      expect(run.reason?.hint).toBeTruthy();
    }
    await other.close();
    vi.unstubAllEnvs();
  });

  it("when a stored file of it is lost, as the platform's fault, which costs nothing", async () => {
    await author.push(bundleFiles({ title: "limited", phase: { max_submissions: 1 } }));
    for (const accuracy of [0.111, 0.222]) {
      const submissionId = await tim.submit(scored(accuracy));
      const { sha256 } = (await (await tim.call("GET", `/submissions/${submissionId}`)).json()) as {
        sha256: string;
      };
      await pipeline.api.local.ports.blobs.delete(`blobs/${sha256}`);
      const run = await tim.ended((await tim.start({ environment: "limited", submissionId })).id);
      expect(run).toMatchObject({ status: "failed", reason: { code: "platform_fault" } });
    }
    expect(await tim.evaluate("limited", scored(0.333))).toMatchObject({ status: "succeeded" });
  });
});

describe("a run succeeds", () => {
  it("with a column unscored, and why, when the others have a value", async () => {
    const run = await score('echo \'{"accuracy": 0.5, "loss": NaN}\' > /app/output/scores.json');
    expect(run).toMatchObject({ status: "succeeded", scores: { accuracy: 0.5 } });
    expect(run.scores).not.toHaveProperty("loss");
    expect(run.unscored["loss"]).toContain("NaN");
    const row = (await tim.board("scorer")).find(({ runId }) => runId === run.id);
    expect(row?.unscored["loss"]).toBe(run.unscored["loss"]);
  });

  it("with predictions that skip the ingestion program", async () => {
    const run = await tim.evaluate("ingester", scored(0.75), { as: "predictions" });
    expect(run).toMatchObject({ status: "succeeded", scores: { accuracy: 0.75 } });
    expect(await (await tim.call("GET", `/runs/${run.id}/files`)).text()).not.toContain('"ingestion"');
  });

  it("with the mean of its tasks as its score", async () => {
    const run = await tim.evaluate("two", scored(0.5));
    expect(run).toMatchObject({ status: "succeeded", scores: { accuracy: 0.5 } });
    expect(await tim.board("two")).toMatchObject([
      { runId: run.id, taskScores: { 0: { accuracy: 0.5 }, 1: { accuracy: 0.5 } } },
    ]);
  });
});
