import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, it, vi } from "vitest";
import type { Json } from "@benchgen/core/ports.ts";
import { mapOf, never, single, soon, task, twoSteps, workflowFixture } from "./fixture.ts";

const { open } = workflowFixture();

// Where time has to pass, it passes by turns of the event loop: a machine that is busy times nothing else out.
afterEach(() => {
  vi.useRealTimers();
});

async function withTimePassing<T>(awaited: Promise<T>): Promise<T> {
  const clock = setInterval(() => vi.advanceTimersByTime(10), 0);
  try {
    return await awaited;
  } finally {
    clearInterval(clock);
  }
}

describe("an execution ends once, whatever a handler does", () => {
  const hostile = {
    get name(): string {
      throw new Error("no name");
    },
  };
  it.each([
    ["a string", "text", "Error", "text"],
    ["null", null, "Error", "null"],
    ["undefined", undefined, "Error", "undefined"],
    ["an error without a name", Object.assign(new Error("m"), { name: "" }), "Error", "m"],
    ["an object whose name cannot be read", hostile, "Error", "[object Object]"],
    ["an object that has no text", Object.create(null), "Error", "an error that cannot be read"],
  ])("when it throws %s", async (_, thrown, error, message) => {
    const { workflow } = open(single, { Work: () => Promise.reject(thrown) });
    await workflow.start("a", {});
    const ended = await workflow.waitForEnd("a");
    expect(ended).toMatchObject({ status: "failed", error });
    expect(JSON.parse(ended.cause!)).toEqual({ errorMessage: message, errorType: error });
  });

  it("when it throws before it returns a promise", async () => {
    const { workflow } = open(single, {
      Work: () => {
        throw new TypeError("at once");
      },
    });
    await workflow.start("a", {});
    expect(await workflow.waitForEnd("a")).toMatchObject({ status: "failed", error: "TypeError" });
  });

  it("when it returns nothing, what is no JSON, or too much of it", async () => {
    const circular: Record<string, unknown> = {};
    circular["self"] = circular;
    const returned: unknown[] = [undefined, circular, "x".repeat(300_000)];
    const { workflow } = open(single, { Work: async (input) => returned[input as number] as Json });
    for (const index of returned.keys()) await workflow.start(`a${index}`, index);
    expect(await workflow.waitForEnd("a0")).toMatchObject({ status: "succeeded", output: null });
    expect(await workflow.waitForEnd("a1")).toMatchObject({
      status: "failed",
      error: "Runtime.MarshalError",
    });
    expect(await workflow.waitForEnd("a2")).toMatchObject({
      status: "failed",
      error: "States.DataLimitExceeded",
    });
  });

  it("when it never returns, and the machine's time is over", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const begun = Promise.withResolvers<AbortSignal>();
    const { workflow } = open(
      { ...single, TimeoutSeconds: 1 },
      { Work: (_, { signal }) => (begun.resolve(signal), never()) },
    );
    await workflow.start("a", {});
    const signal = await begun.promise;
    await vi.advanceTimersByTimeAsync(1000);
    expect(await workflow.waitForEnd("a")).toMatchObject({ status: "timed_out", error: "States.Timeout" });
    expect(signal.aborted).toBe(true);
  });

  it("when what it was given is changed by it", async () => {
    const { workflow } = open(
      { StartAt: "Work", States: { Work: task({ ResultPath: null, End: true }) } },
      {
        Work: async (input) => {
          (input as { list: number[] }).list.push(2);
        },
      },
    );
    await workflow.start("a", { list: [1] });
    expect(await workflow.waitForEnd("a")).toMatchObject({ output: { list: [1] } });
  });
});

describe("handlers are told to stop", () => {
  it("when their time is over, and what they return then counts for nothing", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
    const told: string[] = [];
    const retry = [{ ErrorEquals: ["States.Timeout"], IntervalSeconds: 1, MaxAttempts: 1 }];
    const { workflow } = open(
      { StartAt: "Work", States: { Work: task({ TimeoutSeconds: 1, Retry: retry, End: true }) } },
      {
        Work: async (_, { signal }) => {
          if (told.length > 0) return "second";
          await new Promise((resolve) => signal.addEventListener("abort", resolve));
          told.push("first");
          return "first";
        },
      },
    );
    await workflow.start("a", {});
    const ended = await withTimePassing(workflow.waitForEnd("a"));
    expect(ended).toMatchObject({ status: "succeeded", output: "second" });
    expect(told).toEqual(["first"]);
  });

  it("when the execution is stopped, and queued items of a Map never begin", async () => {
    const begun: Json[] = [];
    const stopped: Json[] = [];
    const { workflow } = open(
      mapOf(task({ End: true })),
      {
        Work: async (input, { signal }) => {
          begun.push(input);
          signal.addEventListener("abort", () => stopped.push(input));
          return never();
        },
      },
      { maxConcurrency: 2 },
    );
    await workflow.start("a", [1, 2, 3, 4, 5]);
    await expect.poll(() => begun, soon).toEqual([1, 2]);
    await workflow.stop("a", "enough");
    expect(stopped).toEqual([1, 2]);
    await sleep(50);
    expect(begun).toEqual([1, 2]);
    expect(await workflow.describe("a")).toMatchObject({ status: "aborted", cause: "enough" });
  });

  it("when another item of their Map fails, and queued items never begin", async () => {
    const begun: Json[] = [];
    const stopped: Json[] = [];
    const caught = {
      StartAt: "Each",
      States: {
        ...(
          mapOf(task({ End: true }), {
            Catch: [{ ErrorEquals: ["States.ALL"], Next: "After" }],
            End: undefined,
            Next: "After",
          }) as { States: object }
        ).States,
        After: task({ End: true }),
      },
    };
    const { workflow } = open(
      JSON.parse(JSON.stringify(caught)) as object,
      {
        Work: async (input, { signal }) => {
          begun.push(input);
          if (input === 2) throw new Error("broken");
          signal.addEventListener("abort", () => stopped.push(input));
          return never();
        },
        After: () => sleep(50, "after"),
      },
      { maxConcurrency: 2 },
    );
    await workflow.start("a", [1, 2, 3, 4, 5]);
    expect(await workflow.waitForEnd("a")).toMatchObject({ status: "succeeded", output: "after" });
    expect(begun).toEqual([1, 2]);
    expect(stopped).toEqual([1]);
  });

  it("when a process closes, which leaves the execution to the next one", async () => {
    const signals: AbortSignal[] = [];
    const first = open(single, {
      Work: async (_, { signal }) => {
        signals.push(signal);
        await new Promise((resolve) => signal.addEventListener("abort", resolve));
        throw new Error("stopped");
      },
    });
    await first.workflow.start("a", {});
    await expect.poll(() => signals, soon).toHaveLength(1);
    await first.workflow.close();
    await expect(first.workflow.start("b", {})).rejects.toMatchObject({ name: "PlatformFault" });
    first.data.close();
    const second = open(single, { Work: async () => "second" });
    expect(await second.workflow.resume()).toEqual(["a"]);
    expect(await second.workflow.waitForEnd("a")).toMatchObject({ status: "succeeded", output: "second" });
  });
});

describe("many executions", () => {
  it("run as many at one time as allowed, and a stopped one that waits never begins", async () => {
    let active = 0;
    let most = 0;
    const begun: Json[] = [];
    const stopped = Promise.withResolvers<void>();
    const { workflow } = open(
      single,
      {
        Work: async (input) => {
          begun.push(input);
          most = Math.max(most, ++active);
          await stopped.promise;
          await sleep(20);
          active--;
        },
      },
      { maxExecutions: 2 },
    );
    for (let index = 0; index < 6; index++) await workflow.start(`a${index}`, index);
    await expect.poll(() => begun, soon).toEqual([0, 1]);
    await workflow.stop("a5", "not needed");
    stopped.resolve();
    for (let index = 0; index < 6; index++) await workflow.waitForEnd(`a${index}`);
    expect(most).toBe(2);
    expect(begun).toEqual([0, 1, 2, 3, 4]);
  });

  it("and a Map of 300 items run without a warning", async () => {
    const noticed: string[] = [];
    const listen = (warning: Error): void => void noticed.push(warning.message);
    process.on("warning", listen);
    const { workflow } = open(
      mapOf(task({ End: true })),
      { Work: async (input) => input },
      { maxConcurrency: 40 },
    );
    const items = Array.from({ length: 300 }, (_, index) => index);
    await workflow.start("a", items);
    expect((await workflow.waitForEnd("a")).output).toEqual(items);
    await sleep(0);
    process.off("warning", listen);
    expect(noticed).toEqual([]);
  });

  it("leave neither outcomes of steps behind nor inputs in the history", async () => {
    const { workflow, data } = open(twoSteps, { First: async () => "secret", Second: async () => "secret" });
    await workflow.start("a", { token: "secret" });
    await workflow.waitForEnd("a");
    expect(data.database.all("select * from execution_step")).toEqual([]);
    expect(JSON.stringify(data.database.all("select * from execution_event"))).not.toContain("secret");
  });
});
