import { chmod, cp, mkdir, mkdtemp, readFile, readdir, rename, rm, rmdir, writeFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { Option } from "commander";
import type { Context } from "../context.ts";
import { CliError } from "../error.ts";
import { paint, text } from "../output/text.ts";
import type { Register } from "./command.ts";

export const templates = ["predictions", "code", "dataset"] as const;
type Template = (typeof templates)[number];

const templateRoot = fileURLToPath(new URL("../../templates/", import.meta.url));
const textFile = /\.(ya?ml|md|py|txt)$/;

export const registerInit: Register = (program, run) => {
  const command = program
    .command("init")
    .argument("<name>", "directory to make")
    .description("Make a new environment from a template whose comments explain every field.")
    .addOption(
      new Option("--template <kind>", "what participants submit").choices(templates).default("predictions"),
    )
    .addHelpText(
      "after",
      "\n  predictions   answers, scored as they are\n  code          a program, run by your ingestion program\n  dataset       data, on which your sample code is trained or tested",
    );
  command.action((name: string, { template }: { template: Template }) =>
    run(command, async (context) => init(context, name, template)),
  );
};

async function init(context: Context, name: string, template: Template): Promise<undefined> {
  const target = resolve(name);
  const base = basename(target);
  if (!/^[\p{L}\p{N}][\p{L}\p{N} ._-]{0,99}$/u.test(base)) {
    throw new CliError("name_invalid", `"${base}" cannot be the name of an environment.`, {
      hint: "Use letters, digits, hyphens and underscores: benchgen init my-environment",
    });
  }
  await makeDirectory(target, template, titleOf(base));
  const { out } = context;
  out.data({
    type: "created",
    path: target,
    template,
    bundle: join(target, "bundle"),
    submission: join(target, "submission"),
  });
  out.print(text`Made ${paint.bold(name)} from the template ${template}. Look around in it, then type:

  benchgen validate ${join(name, "bundle")}
  benchgen run ${join(name, "bundle")} --submission ${join(name, "submission")}`);
}

/** All of it or nothing: made beside the target, then moved there. */
async function makeDirectory(target: string, template: Template, title: string): Promise<void> {
  await mkdir(dirname(target), { recursive: true });
  const draft = await mkdtemp(join(dirname(target), ".benchgen-init-"));
  try {
    await cp(join(templateRoot, template), draft, { recursive: true });
    await fillIn(draft, title);
    // A temporary directory is its owner's alone; this one is to be as any other that is made.
    await chmod(draft, 0o777 & ~process.umask());
    // An empty directory that is already there is as good as none.
    await rmdir(target).catch(() => {});
    await rename(draft, target);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "ENOTEMPTY" && code !== "EEXIST" && code !== "ENOTDIR") throw error;
    throw new CliError("path_exists", `${target} is there already.`, {
      hint: "Choose another name, or remove it first.",
    });
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
export function titleOf(name: string): string {
  const words = name.replaceAll(/[-_]+/g, " ").trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}
