/** What the `benchgen` command does first and last: signals, broken pipes, the exit code. */
import { runCommandLine } from "./command-line.ts";
import { exitCode } from "./error.ts";

const ending = new AbortController();
let askedAt: number | undefined;

/** The Node that started this one passes on a signal that the terminal sent to both: so close together they are one. */
const sameSignalMs = 500;

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, () => {
    if (askedAt === undefined) {
      askedAt = Date.now();
      ending.abort();
    } else if (Date.now() - askedAt > sameSignalMs) {
      // A second time means at once: what is left is cleared up at the next start.
      process.exit(exitCode.interrupted);
    }
  });
}

// `benchgen runs | head`: the reader has seen enough.
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    process.exit(exitCode.done);
  });
}

process.exitCode = await runCommandLine(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  environment: process.env,
  signal: ending.signal,
});
