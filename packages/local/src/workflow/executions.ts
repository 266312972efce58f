import { EventEmitter, once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { messageOf } from "@benchgen/core/error.ts";
import type { Clock, Execution, ExecutionEvent } from "@benchgen/core/ports.ts";
import type { Machine } from "./definition.ts";
import { runMachine } from "./engine.ts";
import { historyEvent } from "./history.ts";
import type { Ending, Journal } from "./journal.ts";
import { Slots } from "../slots.ts";
import { Steps } from "./step.ts";
import type { Handler } from "./step.ts";

/** How often an execution that may be ended by another process is looked at. */
const pollMs = 500;
/** How long handlers that were told to stop are waited for. */
const stopGraceMs = 10_000;
const endRetryMs = 1000;

export interface ExecutionsOptions {
  readonly machine: Machine;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly handlers: Readonly<Record<string, Handler>>;
  readonly maxExecutions: number;
  readonly onEnd: ((execution: Execution) => Promise<void> | void) | undefined;
  readonly warn: (message: string) => void;
}

/** The executions this process runs. Each ends with one terminal status, written by whoever ends it first. */
export class Executions {
  readonly #options: ExecutionsOptions;
  readonly #slots: Slots;
  readonly #running = new Map<string, { controller: AbortController; done: Promise<void> }>();
  readonly #ends = new EventEmitter().setMaxListeners(0);
  #poller: NodeJS.Timeout | undefined;
  #closing = false;

  constructor(options: ExecutionsOptions) {
    this.#options = options;
    this.#slots = new Slots(options.maxExecutions);
  }

  get closing(): boolean {
    return this.#closing;
  }

  /** Begins to run an execution that is in the journal under this owner. Never rejects. */
  launch(execution: Execution): void {
    const { name } = execution;
    const controller = new AbortController();
    this.#poller ??= setInterval(() => this.#abortEnded(), pollMs).unref();
    const done = this.#slots
      .run(() => this.#run(execution, controller))
      .catch((error: unknown) => {
        this.#options.warn(`Execution ${name} broke down: ${messageOf(error)}`);
        return this.#endAtLast(name, { status: "failed", error: "States.Runtime", cause: messageOf(error) });
      })
      .finally(() => this.#forget(name));
    this.#running.set(name, { controller, done });
  }

  /** Writes the terminal status unless there is one, tells who wants to know, and stops the steps if they run here. */
  async end(name: string, ending: Ending): Promise<void> {
    const { journal, clock, onEnd } = this.#options;
    const at = clock.now().toISOString();
    const isFirst = journal.end(name, ending, { at, announced: onEnd === undefined });
    this.#running.get(name)?.controller.abort();
    this.#ends.emit(eventOf(name));
    if (isFirst) await this.announce(name);
  }

  async announce(name: string): Promise<void> {
    const { journal, onEnd, warn } = this.#options;
    const execution = journal.find(name);
    if (execution === undefined || onEnd === undefined) return;
    try {
      await onEnd(execution);
      journal.announced(name);
    } catch (error) {
      warn(`Could not follow up the end of execution ${name}: ${messageOf(error)}`);
    }
  }

  /** Resolves when the execution ends here; after a moment in any case, as it may end elsewhere. */
  async maybeEnded(name: string): Promise<void> {
    const waited = new AbortController();
    const { signal } = waited;
    const ended = once(this.#ends, eventOf(name), { signal });
    const later = sleep(pollMs, undefined, { signal });
    await Promise.race([ended, later]);
    waited.abort();
    await Promise.allSettled([ended, later]);
  }

  /** Stops all steps, and leaves the executions to whoever resumes them. */
  async close(): Promise<void> {
    this.#closing = true;
    const running = [...this.#running.values()];
    for (const { controller } of running) controller.abort();
    await Promise.all(running.map(({ done }) => done));
  }

  async #run({ name, input, startedAt }: Execution, controller: AbortController): Promise<void> {
    const { signal } = controller;
    if (signal.aborted) return;
    const { machine, handlers, journal, clock } = this.#options;
    const steps = new Steps({ machine, handlers, journal, execution: name, signal });
    const elapsedSeconds = (clock.now().getTime() - Date.parse(startedAt)) / 1000;
    const ending = await runMachine({
      machine,
      name,
      input,
      steps,
      secondsLeft: machine.timeoutSeconds === undefined ? undefined : machine.timeoutSeconds - elapsedSeconds,
      signal,
      onEvent: (event) => this.#record(name, historyEvent(event)),
    });
    // Stopped: whoever did it has written why, or this process is closing.
    if (!signal.aborted) await this.#endAtLast(name, ending);
    await Promise.race([steps.settled(), sleep(stopGraceMs, undefined, { ref: false })]);
  }

  /** Until it is written: an execution must not stay open because the disk was full for a moment. */
  async #endAtLast(name: string, ending: Ending): Promise<void> {
    while (!this.#closing) {
      try {
        return await this.end(name, ending);
      } catch (error) {
        this.#options.warn(`Could not record the end of execution ${name}: ${messageOf(error)}`);
        await sleep(endRetryMs);
      }
    }
  }

  #record(name: string, event: ExecutionEvent | undefined): void {
    if (event === undefined) return;
    try {
      this.#options.journal.record(name, event);
    } catch (error) {
      // History is for people: the execution goes on without it.
      this.#options.warn(`Could not record an event of execution ${name}: ${messageOf(error)}`);
    }
  }

  /** Another process may have ended what runs here. */
  #abortEnded(): void {
    const wanted = [...this.#running].filter(([, { controller }]) => !controller.signal.aborted);
    if (wanted.length === 0) return;
    try {
      const open = this.#options.journal.running();
      for (const [name, { controller }] of wanted) if (!open.has(name)) controller.abort();
    } catch (error) {
      this.#options.warn(`Could not look for stopped executions: ${messageOf(error)}`);
    }
  }

  #forget(name: string): void {
    this.#running.delete(name);
    if (this.#running.size > 0) return;
    clearInterval(this.#poller);
    this.#poller = undefined;
  }
}

/** Names are prefixed: an emitter treats `error` specially. */
function eventOf(name: string): string {
  return `end ${name}`;
}
