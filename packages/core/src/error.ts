/**
 * Every error the domain throws on purpose. `name` is stable (Step Functions matches on it), `code` is stable
 * (API clients match on it), `message` is one sentence for a person. Mapped once to HTTP, once to exit codes.
 */
export class BenchgenError extends Error {
  /** Said by each class: what makes bundles small renames the classes themselves. */
  override readonly name: string = "BenchgenError";
  readonly code: string;
  /** What the reader should do or type next. */
  readonly hint: string | undefined;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(
    code: string,
    message: string,
    options: { hint?: string; details?: Record<string, unknown>; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = options.hint;
    this.details = options.details ?? {};
  }
}

/** The caller sent something wrong. HTTP 400, or 422 when it carries findings. */
export class InvalidInput extends BenchgenError {
  override readonly name = "InvalidInput";
}

/** No such thing, or none this caller may see: the two are never told apart. HTTP 404. */
export class NotFound extends BenchgenError {
  override readonly name = "NotFound";
  constructor(what: string, ref: string, hint?: string) {
    const details = { what, ref };
    super("not_found", `There is no ${what} "${ref}".`, hint === undefined ? { details } : { hint, details });
  }
}

/** The state of things forbids it: a closed phase, a finished run, a name that is taken. HTTP 409. */
export class Conflict extends BenchgenError {
  override readonly name = "Conflict";
}

/** A quota of the phase is used up. HTTP 429. */
export class LimitReached extends BenchgenError {
  override readonly name = "LimitReached";
}

/** No token, or one that is unknown or expired. HTTP 401. */
export class Unauthenticated extends BenchgenError {
  override readonly name = "Unauthenticated";
}

/** A token that lacks the scope. HTTP 403. */
export class Forbidden extends BenchgenError {
  override readonly name = "Forbidden";
}

/**
 * The platform, not the program, is at fault: capacity, an image pull that was throttled, a host that vanished.
 * The workflow retries it, and it costs a participant no quota.
 */
export class PlatformFault extends BenchgenError {
  override readonly name = "PlatformFault";
}

/** For `catch`: what is not there is undefined, and every other error goes on. */
export function ignoreNotFound(error: unknown): undefined {
  if (error instanceof NotFound) return undefined;
  throw error;
}

/** The message of whatever was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
