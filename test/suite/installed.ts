/** Evaluation suites on this machine: virtual environments that `.ci/suites` made. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { SuiteName } from "@benchgen/cli/suite/suite.ts";

const root = process.env["BENCHGEN_SUITES"] ?? "/var/tmp/benchgen-suites";

/** The virtual environment with the suite; undefined, and said loudly, when there is none. */
export function installed(suite: SuiteName): string | undefined {
  const directory = join(root, suite);
  // The last thing that is written: without it the installation was cut off.
  if (existsSync(join(directory, "installed.txt"))) return directory;
  console.warn(`NOT TESTED: the suite ${suite} is not installed. Install it: .ci/suites ${suite}`);
  return undefined;
}
