/**
 * Every error the domain throws on purpose. `name` is stable (Step Functions matches on it), `code` is stable
 * (API clients match on it), `message` is one sentence for a person. Mapped once to HTTP, once to exit codes.
 */
export class BenchgenError extends Error {
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
    this.name = new.target.name;
    this.code = code;
    this.hint = options.hint;
    this.details = options.details ?? {};
  }
}

/** The caller sent something wrong. HTTP 400, or 422 when it carries findings. */
export class InvalidInput extends BenchgenError {}

/** No such thing, or none this caller may see: the two are never told apart. HTTP 404. */
export class NotFound extends BenchgenError {
  constructor(what: string, ref: string, hint?: string) {
    super("not_found", `There is no ${what} "${ref}".`, hint === undefined ? {} : { hint });
  }
}

/** The state of things forbids it: a closed phase, a finished run, a name that is taken. HTTP 409. */
export class Conflict extends BenchgenError {}

/** A quota of the phase is used up. HTTP 429. */
export class LimitReached extends BenchgenError {}

/** No token, or one that is unknown or expired. HTTP 401. */
export class Unauthenticated extends BenchgenError {}

/** A token that lacks the scope. HTTP 403. */
export class Forbidden extends BenchgenError {}

/**
 * The platform, not the program, is at fault: capacity, an image pull that was throttled, a host that vanished.
 * The workflow retries it, and it costs a participant no quota.
 */
export class PlatformFault extends BenchgenError {}

/** The message of whatever was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
