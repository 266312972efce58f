/** What the command tells a person when it cannot go on, and how it then exits. */
import { BenchgenError, messageOf } from "@benchgen/core/error.ts";
import type { Finding } from "@benchgen/core/wire/finding.ts";

export const exitCode = {
  done: 0,
  /** It was done, and failed: a failed run, an invalid bundle, a server or machine that gave up. */
  failed: 1,
  /** It could not be begun as it was asked: an unknown option, a missing file, an unknown name, a refused token. */
  usage: 2,
  interrupted: 130,
} as const;
export type ExitCode = (typeof exitCode)[keyof typeof exitCode];

/** One sentence for a person, a stable code for a program, and what to type next. */
export class CliError extends Error {
  override readonly name = "CliError";
  readonly code: string;
  readonly hint: string | undefined;
  readonly exit: ExitCode;
  readonly findings: readonly Finding[];

  constructor(
    code: string,
    message: string,
    options: {
      hint?: string | undefined;
      exit?: ExitCode;
      findings?: readonly Finding[];
      cause?: unknown;
    } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = options.hint;
    this.exit = options.exit ?? exitCode.usage;
    this.findings = options.findings ?? [];
  }
}

/** Thrown when Ctrl-C ended a command; printed as nothing more than that. */
export class Interrupted extends CliError {
  constructor(message = "Interrupted.", hint?: string) {
    super("interrupted", message, { exit: exitCode.interrupted, hint });
  }
}

const fileProblems: Record<string, { what: string; exit: ExitCode }> = {
  ENOENT: { what: "There is no such file or directory", exit: exitCode.usage },
  ENOTDIR: { what: "A part of the path is not a directory", exit: exitCode.usage },
  EISDIR: { what: "It is a directory, where a file is needed", exit: exitCode.usage },
  EACCES: { what: "You may not read or write it", exit: exitCode.usage },
  EPERM: { what: "The system does not permit it", exit: exitCode.usage },
  EROFS: { what: "It is on a read-only disk", exit: exitCode.usage },
  ELOOP: { what: "It is a link that leads back to itself", exit: exitCode.usage },
  EMFILE: { what: "Too many files are open", exit: exitCode.failed },
  ENOSPC: { what: "The disk is full", exit: exitCode.failed },
  EDQUOT: { what: "Your disk quota is used up", exit: exitCode.failed },
};

/** Whatever was thrown, as something to show. */
export function toCliError(thrown: unknown): CliError {
  if (thrown instanceof CliError) return thrown;
  if (thrown instanceof BenchgenError) {
    const ours = thrown.name === "PlatformFault";
    const hint = thrown.hint ?? (ours ? "See what is missing on this machine: benchgen doctor" : undefined);
    return new CliError(thrown.code, thrown.message, {
      hint,
      exit: ours ? exitCode.failed : exitCode.usage,
      cause: thrown,
    });
  }
  const { code, path, cause } = Object(thrown) as { code?: unknown; path?: unknown; cause?: unknown };
  const problem = typeof code === "string" ? fileProblems[code] : undefined;
  if (problem !== undefined) {
    const where = typeof path === "string" ? `: ${path}` : ".";
    const hint =
      problem.what === fileProblems["ENOSPC"]?.what ? "Free some space, then try again." : undefined;
    return new CliError(`file.${String(code).toLowerCase()}`, `${problem.what}${where}`, {
      exit: problem.exit,
      hint,
      cause: thrown,
    });
  }
  if (cause !== undefined && cause !== thrown) {
    const inner = toCliError(cause);
    if (inner.code !== "unexpected") return inner;
  }
  return new CliError("unexpected", `Something unexpected went wrong: ${messageOf(thrown)}`, {
    exit: exitCode.failed,
    hint: "Set BENCHGEN_DEBUG=1 to see where, and report it.",
    cause: thrown,
  });
}
