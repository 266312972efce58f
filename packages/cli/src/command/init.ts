import { chmod, cp, mkdtemp, readFile, readdir, rename, rm, rmdir, writeFile } from "node:fs/promises";
import { basename, delimiter, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { shellWord } from "@benchgen/core/shell-word.ts";
import { Option } from "commander";
import type { Context } from "../context.ts";
import { CliError } from "../error.ts";
import { makeDirectory } from "../file/directory.ts";
import { collect } from "../option.ts";
import { paint, text } from "../output/text.ts";
import { makeSuiteBundle } from "../suite/make.ts";
import { parseSuiteTask, parseTaskArguments, suites } from "../suite/suite.ts";
import type { Register } from "./command.ts";

export const templates = ["predictions", "code", "dataset", "model"] as const;
type Template = (typeof templates)[number];

const templateRoot = fileURLToPath(new URL("../../templates/", import.meta.url));
/** Where a submission's kind cannot be seen from the environment. */
const submittedAs: Partial<Record<Template, string>> = { model: " --as predictions" };
const textFile = /\.(ya?ml|md|py|txt)$/;

interface InitOptions {
  readonly template?: Template;
  readonly from?: string;
  readonly python?: string;
  readonly taskArg: readonly string[];
}

export const registerInit: Register = (program, run) => {
  const command = program
    .command("init")
    .argument("<name>", "directory to make")
    .description(
      "Make a new environment from a template whose comments explain every field, or of a suite's task.",
    )
    .addOption(
      new Option("--template <kind>", "what participants submit (default: predictions)").choices(templates),
    )
    .addOption(new Option("--from <suite:task>", "a task of an evaluation suite").conflicts("template"))
    .option("--python <path>", "with --from: the Python that has the suite (default: python3)")
    .option("--task-arg <name=value>", "with --from: an argument of the task; may be repeated", collect, [])
    .addHelpText(
      "after",
      `
  predictions   answers, scored as they are
  code          a program, run by your ingestion program
  dataset       data, on which your sample code is trained or tested
  model         nothing: a model is asked through the gateway, and its answers compared

  --from        ${Object.keys(suites).join(", ")}; see docs/suites.md`,
    );
  command.action((name: string, options: InitOptions) =>
    run(command, async (context) => {
      const { from, python, taskArg, template } = options;
      if (from !== undefined) return initFromSuite(context, name, { ...options, from });
      if (python === undefined && taskArg.length === 0) {
        return initFromTemplate(context, name, template ?? "predictions");
      }
      throw new CliError(
        "suite_missing",
        "--python and --task-arg are of a suite's task, and none is named.",
        {
          hint: "Name it: --from SUITE:TASK",
        },
      );
    }),
  );
};

async function initFromTemplate(context: Context, name: string, template: Template): Promise<undefined> {
  const target = targetOf(name);
  await makeWhole(target, async (draft) => {
    await cp(join(templateRoot, template), draft, { recursive: true });
    await fillIn(draft, titleOf(basename(target)));
  });
  const { out } = context;
  out.data({
    type: "created",
    path: target,
    template,
    bundle: join(target, "bundle"),
    submission: join(target, "submission"),
  });
  const bundle = shellWord(join(name, "bundle"));
  const submission = shellWord(join(name, "submission"));
  out.print(text`Made ${paint.bold(name)} from the template ${template}. Look around in it, then type:

  benchgen validate ${bundle}
  benchgen run ${bundle} --submission ${submission}${submittedAs[template] ?? ""}`);
  if (template === "model") {
    out.print(text`  benchgen run ${bundle} --model NAME   # one without a key: benchgen demo model`);
  }
}

async function initFromSuite(
  context: Context,
  name: string,
  { from, python = "python3", taskArg }: InitOptions & { readonly from: string },
): Promise<undefined> {
  const target = targetOf(name);
  const asked = parseSuiteTask(from);
  const args = parseTaskArguments(taskArg);
  const title = titleOf(basename(target));
  const { out, signal } = context;
  // Loading may take long, and would be for nothing.
  await requireFree(target);
  out.note(text`Loading ${asked.task} with ${suites[asked.suite].title}; its data is put into the bundle…`);
  const found = await makeWhole(target, (draft) =>
    makeSuiteBundle(draft, { ...asked, args, python, title, signal }),
  );
  const { version, cases, metric } = found;
  const bundle = join(name, "bundle");
  out.data({ type: "created", path: target, from, version, cases, metric, bundle: resolve(bundle) });
  const expose =
    found.expose.length === 0 ? "" : `BENCHGEN_EXPOSE=${shellWord(found.expose.join(delimiter))} `;
  out.print(text`Made ${paint.bold(name)} of ${from}: ${cases} cases, ${metric}. Then type:

  benchgen validate ${shellWord(bundle)}
  benchgen model add NAME --base-url URL --model MODEL
  ${expose}benchgen run ${shellWord(bundle)} --model NAME --limit 20`);
}

/** @throws CliError `name_invalid` */
function targetOf(name: string): string {
  const target = resolve(name);
  const base = name === "" ? "" : basename(target);
  if (/^[\p{L}\p{N}][\p{L}\p{N} ._-]{0,99}$/u.test(base)) return target;
  throw new CliError("name_invalid", `"${base}" cannot be the name of an environment.`, {
    hint: "Use letters, digits, hyphens and underscores: benchgen init my-environment",
  });
}

/** @throws CliError `path_exists` */
async function requireFree(target: string): Promise<void> {
  const names = await readdir(target).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw error.code === "ENOTDIR" ? pathExists(target) : error;
  });
  if (names.length > 0) throw pathExists(target);
}

function pathExists(target: string): CliError {
  return new CliError("path_exists", `${target} is there already.`, {
    hint: "Choose another name, or remove it first.",
  });
}

/** All of it or nothing: made beside the target, then moved there. */
async function makeWhole<T>(target: string, fill: (draft: string) => Promise<T>): Promise<T> {
  await makeDirectory(dirname(target));
  const draft = await mkdtemp(join(dirname(target), ".benchgen-init-"));
  try {
    const made = await fill(draft);
    // A temporary directory is its owner's alone; this one is to be as any other that is made.
    await chmod(draft, 0o777 & ~process.umask());
    // An empty directory that is already there is as good as none.
    await rmdir(target).catch(() => {});
    await rename(draft, target);
    return made;
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "ENOTEMPTY" && code !== "EEXIST" && code !== "ENOTDIR") throw error;
    throw pathExists(target);
  }
}

async function fillIn(directory: string, title: string): Promise<void> {
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || !textFile.test(entry.name)) continue;
    const path = join(entry.parentPath, entry.name);
    const content = await readFile(path, "utf8");
    if (content.includes("{{title}}"))
      await writeFile(
        path,
        content.replaceAll("{{title}}", () => title),
      );
  }
}

/** `my-first_env` becomes `My first env`. */
function titleOf(name: string): string {
  const words = name.replaceAll(/[-_]+/g, " ").trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}
