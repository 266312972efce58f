/** Evaluation suites whose tasks `benchgen init --from` makes environments of. */
import { basename, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { CliError } from "../error.ts";

/** By the name one types: what the suite is called, and the package that pip knows it by. */
export const suites = {
  inspect: { title: "Inspect", package: "inspect_ai" },
  lm_eval: { title: "the lm-evaluation-harness", package: "lm_eval" },
  verifiers: { title: "verifiers", package: "verifiers" },
  lighteval: { title: "lighteval", package: "lighteval" },
  helm: { title: "HELM", package: "crfm-helm" },
} as const satisfies Record<string, { readonly title: string; readonly package: string }>;
export type SuiteName = keyof typeof suites;

const templateRoot = fileURLToPath(new URL("../../templates/suite/", import.meta.url));

/** What every suite's bundle has, and what only this suite's has: to be copied in this order. */
export function suiteTemplates(suite: SuiteName): readonly string[] {
  return [`${templateRoot}common`, `${templateRoot}${suite}`];
}

/** A task of a suite, as it is named on the command line. */
export interface SuiteTask {
  readonly suite: SuiteName;
  /** As the suite knows it, its files being in the working directory. */
  readonly task: string;
  /** The file or directory that the task is in, absolute; undefined for a task that comes with an installed package. */
  readonly source?: string;
}

/**
 * `inspect:inspect_evals/gsm8k` is a task of an installed package. A path, which has a dot in front or a suffix at its
 * end, is the author's own: `inspect:./tasks/mine.py@easy`.
 * @throws CliError `suite_unknown`, `task_invalid`
 */
export function parseSuiteTask(text: string): SuiteTask {
  const colon = text.indexOf(":");
  const suite = colon === -1 ? text : text.slice(0, colon);
  const task = colon === -1 ? "" : text.slice(colon + 1);
  if (!isSuite(suite)) {
    throw new CliError("suite_unknown", `"${suite}" is no suite that is known here.`, {
      hint: `Name one of these, and its task: ${Object.keys(suites).join(", ")}. For example: --from inspect:task.py`,
    });
  }
  if (task === "" || task.length > 300 || /[\p{Cc}"\\{}]/u.test(task)) {
    throw new CliError("task_invalid", `"${text}" names no task.`, {
      hint: `Name the task after a colon: --from ${suite}:TASK`,
    });
  }
  const [path = "", name] = task.split("@");
  if (!/^\.{0,2}\/|^\.\.?$|\.(py|yaml|yml)$/.test(path)) return { suite, task };
  const file = resolve(path);
  const own = name === undefined ? basename(file) : `${basename(file)}@${name}`;
  return { suite, task: own, source: file };
}

function isSuite(name: string): name is SuiteName {
  return Object.hasOwn(suites, name);
}

/**
 * Arguments of the task from `name=value`: JSON where the value is JSON, else a text.
 * @throws CliError `task_argument_invalid`
 */
export function parseTaskArguments(words: readonly string[]): Record<string, unknown> {
  const entries = words.map((word) => {
    const [, name, value] = /^([A-Za-z_]\w*)=(.*)$/s.exec(word) ?? [];
    if (name !== undefined && value !== undefined) return [name, jsonOrText(value)] as const;
    throw new CliError("task_argument_invalid", `"${word}" is no argument of a task.`, {
      hint: "Write its name, an equals sign and its value: --task-arg num_fewshot=5",
    });
  });
  return Object.fromEntries(entries);
}

function jsonOrText(value: string): unknown {
  try {
    return JSON.parse(value) as unknown;
  } catch {
    return value;
  }
}
