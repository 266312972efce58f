import { setImmediate as nextTurn } from "node:timers/promises";
import { hashOf } from "@benchgen/core/port/canonical-json.ts";
import { maxPayloadBytes } from "@benchgen/core/port/execution.ts";
import type { Json } from "@benchgen/core/ports.ts";
import type { Envelope, Machine, TaskInfo } from "./definition.ts";
import { failureOf, StepFailure } from "./failure.ts";
import type { Journal, StepKey, StepOutcome } from "./journal.ts";
import { maxTimeoutSeconds } from "./language.ts";

/**
 * Does the work of one Task state. What it throws ends the attempt: the error's `name` is what Retry and Catch match.
 * @param context.execution its name
 * @param context.signal aborted when the result is no longer wanted: the execution or its Map is over, or time is up
 */
export type Handler = (
  input: Json,
  context: { execution: string; signal: AbortSignal },
) => Promise<Json | void>;

/** The engine's own timer must have fired first, so that the attempt fails with its `States.Timeout`. */
const timeoutSlackMs = 50;

const overSoon = { error: "States.Runtime", cause: "The execution, or the Map this step is in, is over." };

const timeoutFailure = { error: "States.Timeout", cause: "" };

/** The steps of one run of one execution: handlers wrapped with all that the engine leaves out. */
export class Steps {
  readonly #machine: Machine;
  readonly #handlers: Readonly<Record<string, Handler>>;
  readonly #journal: Journal;
  readonly #execution: string;
  readonly #signal: AbortSignal;
  readonly #attempts = new Map<string, number>();
  /** By Map or Parallel state: aborted when it fails, which the engine does not tell the steps in it. */
  readonly #scopes = new Map<string, AbortController>();
  readonly #unsettled = new Set<Promise<unknown>>();

  /** @param options.signal aborted when the execution is over, however it ended */
  constructor(options: {
    machine: Machine;
    handlers: Readonly<Record<string, Handler>>;
    journal: Journal;
    execution: string;
    signal: AbortSignal;
  }) {
    this.#machine = options.machine;
    this.#handlers = options.handlers;
    this.#journal = options.journal;
    this.#execution = options.execution;
    this.#signal = options.signal;
  }

  /** What the engine calls, by the name of the state. */
  overrides(): Record<string, (input: Json) => Promise<Json>> {
    return Object.fromEntries(
      [...this.#machine.tasks].map(([state, info]) => [
        state,
        (given: Json) => this.#run(state, info, given),
      ]),
    );
  }

  /** Tells the steps inside a Map or Parallel that it has failed; those that begin later as well. */
  failScope(state: string): void {
    this.#scope(state).abort();
  }

  /** Handlers that have not returned yet, although nobody waits for them any more. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.#unsettled);
  }

  async #run(state: string, info: TaskInfo, given: Json): Promise<Json> {
    // Items a Map has queued start even after it failed: by the next turn its failure is known.
    await nextTurn();
    const scope = info.within === undefined ? [] : [this.#scope(info.within).signal];
    const over = AbortSignal.any([this.#signal, ...scope]);
    if (over.aborted) throw new StepFailure(overSoon, { final: true });

    const { input, timeoutSeconds } =
      info.timeoutSeconds === undefined
        ? (given as unknown as Envelope)
        : { input: given, timeoutSeconds: info.timeoutSeconds };
    assertPayload(input);
    assertTimeout(timeoutSeconds);
    const key = this.#nextAttempt(state, input);
    const known = this.#journal.outcome(key);
    const outcome = known ?? (await this.#attempt(key, input, timeoutSeconds, over));
    if (known === undefined) this.#record(key, outcome);
    if ("output" in outcome) return outcome.output;
    throw new StepFailure(outcome);
  }

  async #attempt(key: StepKey, input: Json, seconds: number, over: AbortSignal): Promise<StepOutcome> {
    const startedAt = performance.now();
    const timeout = new AbortController();
    const timer = setTimeout(() => timeout.abort(), seconds * 1000 + timeoutSlackMs);
    const signal = AbortSignal.any([over, timeout.signal]);
    const aborted = new Promise<never>((_resolve, reject) => {
      over.addEventListener("abort", () => reject(new StepFailure(overSoon, { final: true })), {
        once: true,
      });
    });
    const timedOut = new Promise<StepOutcome>((resolve) => {
      timeout.signal.addEventListener("abort", () => resolve(timeoutFailure), { once: true });
    });
    const handler = this.#handlers[key.state]!;
    // The handler's own copy: the engine goes on with the original.
    const copy = structuredClone(input);
    const work = (async () => handler(copy, { execution: key.execution, signal }))();
    this.#unsettled.add(work);
    const forget = (): void => void this.#unsettled.delete(work);
    work.then(forget, forget);
    const outcome = work.then(outputOf, failureOf);
    try {
      const first = await Promise.race([outcome, timedOut, aborted]);
      // Within the slack the machine has given up already: what came then is no outcome.
      return performance.now() - startedAt < seconds * 1000 ? first : timeoutFailure;
    } finally {
      clearTimeout(timer);
    }
  }

  /** An outcome that cannot be kept is none: the attempt fails, and the machine decides whether to try again. */
  #record(key: StepKey, outcome: StepOutcome): void {
    try {
      this.#journal.recordOutcome(key, outcome);
    } catch (error) {
      throw new StepFailure(failureOf(error));
    }
  }

  #nextAttempt(state: string, input: Json): StepKey {
    const inputHash = hashOf(input);
    const attempt = this.#attempts.get(state + inputHash) ?? 0;
    this.#attempts.set(state + inputHash, attempt + 1);
    return { execution: this.#execution, state, inputHash, attempt };
  }

  #scope(state: string): AbortController {
    const known = this.#scopes.get(state) ?? new AbortController();
    this.#scopes.set(state, known);
    return known;
  }
}

/** Whatever the handler returned, as JSON; a failure where it is none, as Lambda has it. */
function outputOf(returned: unknown): StepOutcome {
  let text: string;
  try {
    text = JSON.stringify(returned) ?? "null";
  } catch (error) {
    return { ...failureOf(error), error: "Runtime.MarshalError" };
  }
  return Buffer.byteLength(text) > maxPayloadBytes
    ? { error: "States.DataLimitExceeded", cause: `The step returned more than ${maxPayloadBytes} bytes.` }
    : { output: JSON.parse(text) as Json };
}

function assertPayload(input: Json): void {
  if (Buffer.byteLength(JSON.stringify(input)) <= maxPayloadBytes) return;
  const cause = `The step was given more than ${maxPayloadBytes} bytes.`;
  throw new StepFailure({ error: "States.DataLimitExceeded", cause });
}

function assertTimeout(seconds: number): void {
  if (seconds <= maxTimeoutSeconds) return;
  const cause = `A step may take at most ${maxTimeoutSeconds} seconds, not ${seconds}.`;
  throw new StepFailure({ error: "States.Runtime", cause });
}
