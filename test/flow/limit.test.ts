/** Limits and windows of phases, under requests that come all at once. */
import { availableParallelism } from "node:os";
import { problemSchema } from "@benchgen/core/wire/api.ts";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { bundleFiles, copyScores, runSubmitted, scored, script } from "../support/bundle.ts";
import { type Actor, type Pipeline, openPipeline } from "../support/pipeline.ts";

let pipeline: Pipeline;
let author: Actor;

beforeAll(async () => {
  pipeline = await openPipeline();
  author = await pipeline.actor("ada", "author");
});

afterEach(() => {
  vi.useRealTimers();
});
afterAll(() => pipeline.close());

/** An environment of that name; the phase's fields are its limits and its window. */
async function environment(title: string, phase: object, scoring = copyScores): Promise<void> {
  await author.push(bundleFiles({ title, phase: { ...phase }, scoring }));
}

/** Sends so many starts at once. @returns how often each answer came */
async function rush(actor: Actor, environment: string, count: number): Promise<Record<string, number>> {
  const submissionId = await actor.submit(scored(0.5));
  const answers = await Promise.all(
    Array.from({ length: count }, async () => {
      const answer = await actor.call("POST", "/runs", { body: { environment, submissionId } });
      return answer.ok ? "started" : problemSchema.parse(await answer.json()).code;
    }),
  );
  const counts: Record<string, number> = {};
  for (const answer of answers) counts[answer] = (counts[answer] ?? 0) + 1;
  return counts;
}

async function refusal(actor: Actor, environment: string, more: object = {}): Promise<string> {
  const submissionId = await actor.submit(scored(0.5));
  return (await actor.problem("POST", "/runs", { environment, submissionId, ...more })).code;
}

describe("the limit", () => {
  it("of a day lets exactly as many through as it says, for each participant", async () => {
    await environment("daily", { max_submissions_per_day: 3 });
    // No midnight comes in between.
    vi.useFakeTimers({ toFake: ["Date"] });
    const [tim, sue] = [await pipeline.actor("tim", "submit"), await pipeline.actor("sue", "submit")];
    const [ofTim, ofSue] = await Promise.all([rush(tim, "daily", 20), rush(sue, "daily", 20)]);
    expect([ofTim, ofSue]).toEqual([
      { started: 3, limit_day: 17 },
      { started: 3, limit_day: 17 },
    ]);
  });

  it("of a phase lets exactly as many through as it says", async () => {
    await environment("total", { max_submissions: 2 });
    const tim = await pipeline.actor("tim", "submit");
    expect(await rush(tim, "total", 20)).toEqual({ started: 2, limit_total: 18 });
  });

  it("counts what fails by itself, and what is tried again", async () => {
    await environment("retried", { max_submissions: 2 }, runSubmitted("/app/input/res"));
    const tim = await pipeline.actor("tim", "submit");
    const first = await tim.evaluate("retried", script("exit 1"));
    const second = await tim.ended((await tim.retry(first.id)).id);
    expect(second).toMatchObject({ status: "failed", retryOf: first.id, submissionId: first.submissionId });
    expect((await tim.problem("POST", `/runs/${first.id}/retry`)).code).toBe("limit_total");
  });

  it("gives back what was cancelled before it started, and keeps what was cancelled after", async () => {
    // As many as run at one time, and one that has to wait.
    const running = Math.max(2, availableParallelism());
    await environment("waiting", { max_submissions: running + 1 }, runSubmitted("/app/input/res"));
    const tim = await pipeline.actor("tim", "submit");
    const submissionId = await tim.submit(script("sleep 600"));
    const start = () => tim.start({ environment: "waiting", submissionId });
    const ids: string[] = [];
    for (let count = 0; count <= running; count++) ids.push((await start()).id);
    for (const id of ids.slice(0, running)) await tim.runUntil(id, ({ status }) => status === "running");

    const waiting = ids[running]!;
    expect((await tim.run(waiting)).status).toBe("queued");
    expect((await tim.problem("POST", "/runs", { environment: "waiting", submissionId })).code).toBe(
      "limit_total",
    );
    expect(await tim.cancel(waiting)).toMatchObject({
      status: "cancelled",
      tasks: [{ status: "cancelled" }],
    });
    const another = await start();
    await tim.cancel(ids[0]!);
    expect((await tim.problem("POST", "/runs", { environment: "waiting", submissionId })).code).toBe(
      "limit_total",
    );
    for (const id of [...ids.slice(1, running), another.id]) await tim.cancel(id);
  });
});

describe("a phase", () => {
  it.each([
    ["past", { start: "2020-01-01", end: "2020-12-31" }],
    ["future", { start: "2100-01-01" }],
  ])("that is %s takes no submissions", async (title, window) => {
    await environment(title, window);
    const tim = await pipeline.actor("tim", "submit");
    expect(await refusal(tim, title)).toBe("phase_closed");
    expect(await refusal(tim, title, { phase: "Main" })).toBe("phase_closed");
  });

  it("must be named where several are open, and each has limits of its own", async () => {
    const phases = ["One", "Two"].map((name, index) => ({ index, name, tasks: [0], max_submissions: 1 }));
    await author.push(bundleFiles({ title: "both", competition: { phases } }));
    const tim = await pipeline.actor("tim", "submit");
    expect(await refusal(tim, "both")).toBe("phase_ambiguous");
    expect(await refusal(tim, "both", { phase: "Three" })).toBe("phase_unknown");
    for (const phase of ["One", "1"]) {
      expect(await tim.evaluate("both", scored(0.5), { phase })).toMatchObject({ status: "succeeded" });
      expect(await refusal(tim, "both", { phase })).toBe("limit_total");
    }
  });
});
