import { availableParallelism } from "node:os";
import { NotFound, PlatformFault } from "@benchgen/core/error.ts";
import type { CursorCodec } from "@benchgen/core/port/cursor.ts";
import { assertExecution } from "@benchgen/core/port/execution.ts";
import { pageLimit } from "@benchgen/core/port/range.ts";
import type { Clock, Execution, Workflow } from "@benchgen/core/ports.ts";
import type { Database } from "../database.ts";
import type { Owner } from "../owner.ts";
import { readMachine } from "./definition.ts";
import { Executions } from "./executions.ts";
import { Journal } from "./journal.ts";
import type { Handler } from "./step.ts";

export interface WorkflowOptions {
  readonly database: Database;
  readonly owner: Owner;
  readonly cursors: CursorCodec;
  readonly clock: Clock;
  /** In the Amazon States Language, or its JSON text. Placeholders in resources are of no interest here. */
  readonly definition: string | object;
  /** One for each Task state, by its name. A handler must not wait for another execution to end. */
  readonly handlers: Readonly<Record<string, Handler>>;
  /** Items of a Map at one time, unless the definition asks for fewer. Default: the machine's cores. */
  readonly maxConcurrency?: number;
  /** Executions at one time; others wait. Default: the machine's cores, at least 2. */
  readonly maxExecutions?: number;
  /** An execution has ended, in whatever way. Called at least once for each, also after a crash. */
  readonly onEnd?: (execution: Execution) => Promise<void> | void;
  /** Told of failures nobody waits for. */
  readonly warn: (message: string) => void;
}

export interface LocalWorkflow extends Workflow {
  /**
   * Takes over what processes that are gone left running: from the beginning, where every step with a recorded
   * outcome returns it at once. Safe to repeat. @returns the names
   */
  resume(): Promise<string[]>;
  /** Resolves when the execution is over, in whichever process it runs. @throws NotFound */
  waitForEnd(name: string): Promise<Execution>;
  /** Stops working, and leaves what is running to the next process that resumes. */
  close(): Promise<void>;
}

/** Executions of one machine, journaled in the data directory. @throws InvalidInput `workflow_unsupported` */
export function createWorkflow(options: WorkflowOptions): LocalWorkflow {
  const { clock, cursors, handlers, owner } = options;
  const cores = availableParallelism();
  const journal = new Journal(options.database, owner.id);
  const executions = new Executions({
    machine: readMachine(options.definition, {
      handlers: Object.keys(handlers),
      maxConcurrency: options.maxConcurrency ?? cores,
    }),
    journal,
    clock,
    handlers,
    maxExecutions: options.maxExecutions ?? Math.max(2, cores),
    onEnd: options.onEnd,
    warn: options.warn,
  });

  return {
    async start(name, input) {
      assertExecution(name, input);
      if (executions.closing) {
        throw new PlatformFault(
          "workflow_closed",
          "This process is about to end: it starts nothing any more.",
        );
      }
      const startedAt = clock.now().toISOString();
      if (journal.begin(name, input, startedAt)) {
        executions.launch({ name, status: "running", input, startedAt });
      }
    },

    async stop(name, reason) {
      await executions.end(name, { status: "aborted", cause: reason });
    },

    async describe(name) {
      return journal.find(name);
    },

    async history(name, { cursor, limit } = {}) {
      const count = pageLimit(limit);
      const scope = JSON.stringify(["history", name]);
      const [after = "0"] = cursor === undefined ? [] : cursors.decode(scope, cursor);
      const found = journal.events(name, Number(after), count + 1);
      const page = found.slice(0, count);
      const items = page.map(({ event }) => event);
      const last = page.at(-1);
      return found.length > count && last !== undefined
        ? { items, cursor: cursors.encode(scope, [String(last.position)]) }
        : { items };
    },

    async resume() {
      const adopted = journal.adopt((id) => owner.isAlive(id), clock.now().toISOString());
      for (const execution of adopted) {
        if (execution.status === "running") executions.launch(execution);
        else await executions.announce(execution.name);
      }
      return adopted.filter(({ status }) => status === "running").map(({ name }) => name);
    },

    async waitForEnd(name) {
      for (;;) {
        const execution = journal.find(name);
        if (execution === undefined) throw new NotFound("execution", name);
        if (execution.status !== "running") return execution;
        await executions.maybeEnded(name);
      }
    },

    close: () => executions.close(),
  };
}
