import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Execution, ExecutionEvent, Json, Workflow } from "@benchgen/core/ports.ts";

/**
 * The machine the contract needs: an adapter makes it available with a Task handler `Work` that does what its input
 * says: `{"do": "echo", …}` returns its input, `{"do": "fail", "error": NAME, "message": TEXT}` throws, `{"do": "hang"}`
 * never returns.
 */
export const contractMachine = {
  StartAt: "Each",
  TimeoutSeconds: 300,
  States: {
    Each: {
      Type: "Map",
      ItemsPath: "$.items",
      MaxConcurrency: 2,
      ItemProcessor: {
        ProcessorConfig: { Mode: "INLINE" },
        StartAt: "Work",
        States: {
          Work: {
            Type: "Task",
            Resource: "${WorkFunctionArn}",
            TimeoutSecondsPath: "$.timeoutSeconds",
            Parameters: { "do.$": "$.do", "given.$": "$" },
            Retry: [{ ErrorEquals: ["PlatformFault"], IntervalSeconds: 1, MaxAttempts: 1 }],
            Catch: [
              {
                ErrorEquals: ["ProgramFailed", "PlatformFault", "States.Timeout"],
                ResultPath: "$.caught",
                Next: "Failed",
              },
            ],
            ResultPath: "$.returned",
            End: true,
          },
          Failed: { Type: "Pass", End: true },
        },
      },
      End: true,
    },
  },
};

export type WorkInput = { do: string; given: { error?: string; message?: string } };

/** What every Workflow must do. */
export function workflowContract(
  name: string,
  open: () => Promise<{
    workflow: Workflow;
    waitForEnd: (name: string) => Promise<Execution>;
    close: () => Promise<void>;
  }>,
): void {
  describe(`Workflow: ${name}`, () => {
    let workflow: Workflow;
    let waitForEnd: (name: string) => Promise<Execution>;
    let close: () => Promise<void>;
    beforeAll(async () => {
      ({ workflow, waitForEnd, close } = await open());
    });
    afterAll(async () => {
      await close();
    });

    const newName = (): string => `test-${randomUUID()}`;
    const item = (work: string, more: Record<string, Json> = {}): Json => {
      return { do: work, timeoutSeconds: 60, ...more };
    };

    it("runs an execution to its end, and describes it", async () => {
      const execution = newName();
      const input = { items: [item("echo", { text: "ü" }), item("echo")] };
      await workflow.start(execution, input);
      expect(await workflow.describe(execution)).toMatchObject({ name: execution, input });
      const ended = await waitForEnd(execution);
      expect(ended).toMatchObject({ name: execution, status: "succeeded", input });
      expect(ended.output).toMatchObject([
        { text: "ü", returned: { do: "echo" } },
        { returned: { do: "echo" } },
      ]);
      expect(Date.parse(ended.endedAt!)).toBeGreaterThanOrEqual(Date.parse(ended.startedAt));
    });

    it("knows nothing of an execution that was never started", async () => {
      const execution = newName();
      expect(await workflow.describe(execution)).toBeUndefined();
      expect(await workflow.history(execution)).toEqual({ items: [] });
      await expect(workflow.stop(execution, "why not")).resolves.toBeUndefined();
    });

    it("starts one execution for one name, and refuses the name for another input", async () => {
      const execution = newName();
      const input = { items: [item("echo", { a: 1, b: 2 })] };
      await workflow.start(execution, input);
      await workflow.start(execution, { items: [item("echo", { b: 2, a: 1 })] });
      await waitForEnd(execution);
      await workflow.start(execution, input);
      await expect(workflow.start(execution, { items: [] })).rejects.toMatchObject({ name: "Conflict" });
      const { items } = await workflow.history(execution, { limit: 1000 });
      expect(typesOf(items).filter((type) => type === "ExecutionStarted")).toHaveLength(1);
    });

    it("gives a catch the error's name, and its message as a JSON document", async () => {
      const execution = newName();
      await workflow.start(execution, {
        items: [item("fail", { error: "ProgramFailed", message: 'said "no"' }), item("echo")],
      });
      const { status, output } = await waitForEnd(execution);
      expect(status).toBe("succeeded");
      const { caught } = (output as { caught: { Error: string; Cause: string } }[])[0]!;
      expect(caught.Error).toBe("ProgramFailed");
      expect(JSON.parse(caught.Cause)).toMatchObject({
        errorMessage: 'said "no"',
        errorType: "ProgramFailed",
      });
    });

    it("retries the errors the machine names, as often as it says", async () => {
      const execution = newName();
      await workflow.start(execution, { items: [item("fail", { error: "PlatformFault", message: "x" })] });
      const { status } = await waitForEnd(execution);
      expect(status).toBe("succeeded");
      const { items } = await workflow.history(execution, { limit: 1000 });
      expect(
        typesOf(items).filter((type) => type === "TaskFailed" || type === "LambdaFunctionFailed"),
      ).toHaveLength(2);
    });

    it("ends as failed, with error and cause, when nothing catches", async () => {
      const execution = newName();
      await workflow.start(execution, {
        items: [item("fail", { error: "Unheard", message: "of" }), item("hang")],
      });
      const ended = await waitForEnd(execution);
      expect(ended).toMatchObject({ status: "failed", error: "Unheard" });
      expect(JSON.parse(ended.cause!)).toMatchObject({ errorMessage: "of", errorType: "Unheard" });
    });

    it("gives a step up when its time is over", async () => {
      const execution = newName();
      await workflow.start(execution, { items: [item("hang", { timeoutSeconds: 1 })] });
      const { status, output } = await waitForEnd(execution);
      expect(status).toBe("succeeded");
      expect(output).toMatchObject([{ caught: { Error: "States.Timeout" } }]);
    });

    it("stops an execution once, and keeps the reason", async () => {
      const execution = newName();
      await workflow.start(execution, { items: [item("hang"), item("hang"), item("hang")] });
      await Promise.all([workflow.stop(execution, "asked to"), workflow.stop(execution, "asked to")]);
      const ended = await waitForEnd(execution);
      expect(ended).toMatchObject({ status: "aborted", cause: "asked to" });
      await workflow.stop(execution, "again");
      expect(await workflow.describe(execution)).toEqual(ended);
    });

    it("tells its history in order, page by page, from start to end", async () => {
      const execution = newName();
      await workflow.start(execution, { items: [item("echo"), item("echo"), item("echo")] });
      await waitForEnd(execution);
      const events: ExecutionEvent[] = [];
      let cursor: string | undefined;
      do {
        const page = await workflow.history(execution, { limit: 3, cursor });
        expect(page.items.length).toBeLessThanOrEqual(3);
        events.push(...page.items);
        cursor = page.cursor;
      } while (cursor !== undefined);
      const types = typesOf(events);
      expect([types[0], types.at(-1)]).toEqual(["ExecutionStarted", "ExecutionSucceeded"]);
      expect(types.filter((type) => type === "TaskStateEntered")).toHaveLength(3);
      expect(types.filter((type) => type === "MapIterationSucceeded")).toHaveLength(3);
      expect(events.every(({ at }) => !Number.isNaN(Date.parse(at)))).toBe(true);
      await expect(workflow.history(execution, { cursor: "made-up" })).rejects.toMatchObject({
        code: "cursor_invalid",
      });
    });

    it.each(["", "a b", "a/b", "x".repeat(81)])("refuses the name %j", async (execution) => {
      await expect(workflow.start(execution, {})).rejects.toMatchObject({ name: "InvalidInput" });
    });

    it("refuses an input of more than 256 KiB", async () => {
      const start = workflow.start(newName(), { items: [], text: "x".repeat(256 * 1024) });
      await expect(start).rejects.toMatchObject({ name: "InvalidInput" });
    });
  });
}

function typesOf(events: readonly ExecutionEvent[]): string[] {
  return events.map(({ type }) => type);
}
