import { access } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { CliError } from "../error.ts";
import { interpreterVersion } from "../interpreter.ts";

const root = fileURLToPath(new URL("../../../../", import.meta.url));

export interface Example {
  readonly name: string;
  readonly bundle: string;
  /** Worst first, so that the second takes the lead. */
  readonly submissions: readonly { readonly name: string; readonly path: string }[];
  /** Why this one. */
  readonly why: string;
  /** Whether examples in Python can be run. */
  readonly hasPython: boolean;
}

/**
 * Penguins, whose programs are Python; the one in JavaScript where there is no python3.
 * @throws CliError when the examples are not there
 */
export async function chooseExample(): Promise<Example> {
  const python = await interpreterVersion("python3");
  const name = python === undefined ? "javascript" : "penguins";
  const directory = join(root, "examples", name);
  await access(directory).catch(() => {
    throw new CliError("examples_missing", `The examples are not there: ${directory}.`, {
      hint: "The demo needs the whole repository: clone it, then type: npm run demo",
    });
  });
  const submissions = ["baseline", "good"].map((submission) => ({
    name: submission,
    path: join(directory, "submissions", submission),
  }));
  const why =
    python === undefined
      ? "programs in JavaScript, as there is no python3 here"
      : `programs in Python (${python})`;
  return { name, bundle: join(directory, "bundle"), submissions, why, hasPython: python !== undefined };
}
