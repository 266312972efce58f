import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect } from "vitest";
import type { Json } from "@benchgen/core/ports.ts";
import { systemClock } from "../clock.ts";
import { openDataDirectory } from "../data-directory.ts";
import type { DataDirectory } from "../data-directory.ts";
import type { Handler } from "./step.ts";
import { createWorkflow } from "./workflow.ts";
import type { LocalWorkflow, WorkflowOptions } from "./workflow.ts";

/** A workflow and its view of the data directory, as one process has them. */
export interface Opened {
  readonly workflow: LocalWorkflow;
  readonly data: DataDirectory;
}

/** A data directory for each test of a file; `open` stands for a process that opens it. */
export function workflowFixture(): {
  readonly open: (
    definition: object,
    handlers: Record<string, Handler>,
    more?: Partial<WorkflowOptions>,
  ) => Opened;
  /** A test takes out those it expects; none may be left. */
  readonly warnings: string[];
} {
  let dir: string;
  const opened: Opened[] = [];
  const warnings: string[] = [];

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), "benchgen-"));
  });
  afterEach(() => {
    for (const { data, workflow } of opened.splice(0)) {
      // Not waited for: some handlers here never return.
      void workflow.close();
      data.close();
    }
    rmSync(dir, { recursive: true });
    expect(warnings.splice(0)).toEqual([]);
  });

  return {
    warnings,
    open: (definition, handlers, more = {}) => {
      const data = openDataDirectory(dir);
      const warn = (message: string): void => void warnings.push(message);
      const workflow = createWorkflow({ ...data, clock: systemClock, definition, handlers, warn, ...more });
      opened.push({ data, workflow });
      return { data, workflow };
    },
  };
}

/** The process ends as if it were killed: its lock is gone, and nothing is written any more. */
export function kill({ data, workflow }: Opened): void {
  void workflow.close();
  data.owner.close();
}

/** Generous: the machine may be busy. */
export const soon = { timeout: 10_000 };

export const never = (): Promise<Json> => new Promise(() => undefined);

export function task(more: object): object {
  return { Type: "Task", Resource: "x", TimeoutSeconds: 60, ...more };
}

export const single = { StartAt: "Work", States: { Work: task({ End: true }) } };

export const twoSteps = {
  StartAt: "First",
  States: { First: task({ Next: "Second" }), Second: task({ End: true }) },
};

/** A Map over its input that runs the state `Work` for each item. */
export function mapOf(inner: object, more: object = {}): { StartAt: string; States: object } {
  const processor = { StartAt: "Work", States: { Work: inner } };
  return { StartAt: "Each", States: { Each: { Type: "Map", ItemProcessor: processor, End: true, ...more } } };
}
