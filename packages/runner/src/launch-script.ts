import type { JobProgram, Limits } from "@benchgen/core/wire/job.ts";

/** What the wrapper must see to itself, because what runs the containers cannot. */
export interface Enforcement {
  /** The file in which the relay says where it listens: only then does the program start. */
  readonly relay?: string;
  /** Processes and threads of the programs' user in this job; absent where containers are limited one by one. */
  readonly processes?: number;
}

/** Where containers have a network and limits of their own. */
export const nothingEnforced: Enforcement = {};

/**
 * What the wrapper `program.sh` reads about one program: its limits, and a function that becomes the program. Text for
 * a POSIX shell, every value quoted, so that nothing in a command or an environment is ever evaluated.
 */
export function launchScript(
  program: JobProgram,
  limits: Limits,
  { relay, processes }: Enforcement = nothingEnforced,
): string {
  const exports = Object.entries(program.environment).map(
    ([name, value]) => `  export ${name}=${quoted(value)}`,
  );
  return [
    // `sleep` of POSIX knows whole seconds only.
    `time_seconds=${Math.ceil(limits.timeSeconds)}`,
    `log_bytes=${limits.logBytes}`,
    // The shell counts blocks of 512 bytes.
    `file_blocks=${limits.diskMb * 2048}`,
    `processes=${processes ?? ""}`,
    `relay_file=${relay ?? ""}`,
    "launch() {",
    ...exports,
    // Set by the wrapper.
    '  [ -z "$relay_url" ] || export OPENAI_BASE_URL="$relay_url"',
    `  exec ${program.argv.map(quoted).join(" ")}`,
    "}",
    "",
  ].join("\n");
}

/** One word of a POSIX shell that stands for exactly this text. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
