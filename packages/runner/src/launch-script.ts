import type { JobProgram, Limits } from "@benchgen/core/wire/job.ts";

/**
 * What the wrapper `program.sh` reads about one program: its limits, and a function that becomes the program. Text for
 * a POSIX shell, every value quoted, so that nothing in a command or an environment is ever evaluated.
 */
export function launchScript(program: JobProgram, limits: Limits): string {
  const exports = Object.entries(program.environment).map(
    ([name, value]) => `  export ${name}=${quoted(value)}`,
  );
  return [
    // `sleep` of POSIX knows whole seconds only.
    `time_seconds=${Math.ceil(limits.timeSeconds)}`,
    `log_bytes=${limits.logBytes}`,
    "launch() {",
    ...exports,
    `  exec ${program.argv.map(quoted).join(" ")}`,
    "}",
    "",
  ].join("\n");
}

/** One word of a POSIX shell that stands for exactly this text. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
