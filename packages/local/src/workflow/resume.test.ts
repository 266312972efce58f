import { describe, expect, it } from "vitest";
import type { Clock, Execution } from "@benchgen/core/ports.ts";
import { kill, never, single, soon, task, twoSteps, workflowFixture } from "./fixture.ts";
import type { Handler } from "./step.ts";

const { open, warnings } = workflowFixture();

describe("an execution survives the process that runs it", () => {
  it("begins again elsewhere, and does not repeat a step whose outcome is recorded", async () => {
    const calls: string[] = [];
    const first = open(twoSteps, {
      First: async () => void calls.push("first"),
      Second: () => (calls.push("second, killed"), never()),
    });
    await first.workflow.start("a", { n: 1 });
    await expect.poll(() => calls, soon).toEqual(["first", "second, killed"]);
    const second = open(twoSteps, {
      First: async () => void calls.push("first again"),
      Second: async () => void calls.push("second"),
    });
    expect(await second.workflow.resume()).toEqual([]);
    kill(first);
    expect(await second.workflow.resume()).toEqual(["a"]);
    expect(await second.workflow.resume()).toEqual([]);
    expect(await second.workflow.waitForEnd("a")).toMatchObject({ status: "succeeded" });
    expect(calls).toEqual(["first", "second, killed", "second"]);
    const { items } = await second.workflow.history("a");
    expect(items.map(({ type }) => type)).toContain("ExecutionRedriven");
  });

  it("goes the way it went: failed attempts are replayed, and stay counted", async () => {
    const retry = [{ ErrorEquals: ["PlatformFault"], IntervalSeconds: 1, MaxAttempts: 2 }];
    const machine = {
      StartAt: "First",
      States: { First: task({ Retry: retry, Next: "Second" }), Second: task({ End: true }) },
    };
    const fault = Object.assign(new Error("no capacity"), { name: "PlatformFault" });
    let attempts = 0;
    const flaky: Handler = async () => {
      attempts++;
      if (attempts === 1) throw fault;
      return "worked";
    };
    let reached = false;
    const first = open(machine, { First: flaky, Second: () => ((reached = true), never()) });
    await first.workflow.start("a", {});
    await expect.poll(() => reached, soon).toBe(true);
    kill(first);
    const second = open(machine, { First: flaky, Second: async (input) => input });
    await second.workflow.resume();
    expect(await second.workflow.waitForEnd("a")).toMatchObject({ output: "worked" });
    expect(attempts).toBe(2);
  });

  it("keeps to the machine's time across processes", async () => {
    const first = open({ ...single, TimeoutSeconds: 3600 }, { Work: never });
    await first.workflow.start("a", {});
    kill(first);
    const later: Clock = { now: () => new Date(Date.now() + 3_601_000) };
    const second = open({ ...single, TimeoutSeconds: 3600 }, { Work: never }, { clock: later });
    await second.workflow.resume();
    expect(await second.workflow.waitForEnd("a")).toMatchObject({ status: "timed_out" });
  });

  it("can be stopped by another process, whether its own lives or not", async () => {
    const signals: AbortSignal[] = [];
    const hang: Handler = (_, { signal }) => {
      signals.push(signal);
      return never();
    };
    const first = open(single, { Work: hang }, { maxExecutions: 2 });
    const second = open(single, { Work: hang });
    await first.workflow.start("a", {});
    await first.workflow.start("b", {});
    await expect.poll(() => signals, soon).toHaveLength(2);
    await second.workflow.stop("a", "by another");
    expect(await first.workflow.waitForEnd("a")).toMatchObject({ status: "aborted", cause: "by another" });
    await expect.poll(() => signals[0]!.aborted, soon).toBe(true);
    kill(first);
    await second.workflow.stop("b", "dead anyway");
    expect(await second.workflow.resume()).toEqual([]);
    expect(await second.workflow.describe("b")).toMatchObject({ status: "aborted" });
  });
});

describe("the end of an execution is announced", () => {
  it("once, by whoever ended it", async () => {
    const ends: string[] = [];
    const onEnd = ({ name, status }: Execution): void => void ends.push(`${name} ${status}`);
    const { workflow } = open(single, { Work: async (input) => (input === 1 ? 1 : never()) }, { onEnd });
    await workflow.start("a", 1);
    await workflow.start("b", 2);
    await workflow.waitForEnd("a");
    await workflow.stop("b", "x");
    await workflow.stop("b", "x");
    await workflow.resume();
    expect(ends).toEqual(["a succeeded", "b aborted"]);
  });

  it("by a later process when the one that ended it could not", async () => {
    const first = open(single, { Work: async () => 1 }, { onEnd: () => Promise.reject(new Error("no")) });
    await first.workflow.start("a", {});
    await first.workflow.waitForEnd("a");
    await expect
      .poll(() => warnings.splice(0), soon)
      .toEqual(["Could not follow up the end of execution a: no"]);
    kill(first);
    const ends: string[] = [];
    const second = open(single, { Work: async () => 1 }, { onEnd: ({ name }) => void ends.push(name) });
    expect(await second.workflow.resume()).toEqual([]);
    await second.workflow.resume();
    expect(ends).toEqual(["a"]);
  });
});
