import { messageOf } from "@benchgen/core/error.ts";

/** How a step failed, as Step Functions shows it to Retry, Catch and whoever reads the execution. */
export interface Failure {
  /** What ErrorEquals is compared with: the thrown error's `name`. */
  readonly error: string;
  /** For an error of a handler, the JSON document Lambda makes of it: `{"errorMessage","errorType"}`. */
  readonly cause: string;
}

/** What the engine is given: it reads `name`, `message`, and the two flags. */
export class StepFailure extends Error {
  readonly isRetryable: boolean;
  readonly isCatchable: boolean;

  /** @param options.final neither Retry nor Catch may match it: the execution is over already, or must be */
  constructor({ error, cause }: Failure, options: { final?: boolean } = {}) {
    super(cause);
    this.name = error;
    this.isRetryable = options.final !== true;
    this.isCatchable = options.final !== true;
  }
}

/**
 * The failure of a handler, whatever it threw: strings, null, errors whose properties throw. A `StepFailure` says itself
 * what its cause is.
 */
export function failureOf(thrown: unknown): Failure {
  if (thrown instanceof StepFailure) return { error: thrown.name, cause: thrown.message };
  const error = textOf(() => (thrown as { name?: unknown }).name, "Error");
  const errorMessage = textOf(() => messageOf(thrown), "an error that cannot be read");
  return { error, cause: JSON.stringify({ errorMessage, errorType: error }) };
}

function textOf(read: () => unknown, otherwise: string): string {
  try {
    const text = read();
    return typeof text === "string" && text !== "" ? text : otherwise;
  } catch {
    return otherwise;
  }
}
