/** What a word on the command line names: a path, an environment, a run; the last one when it is left out. */
import { access } from "node:fs/promises";
import { join } from "node:path";
import { closest } from "@benchgen/core/bundle/closest.ts";
import type { EnvironmentVersion } from "@benchgen/core/wire/api.ts";
import { type RunId, type TokenId, isId } from "@benchgen/core/wire/id.ts";
import { everyItem } from "./client/client.ts";
import type { Context } from "./context.ts";
import { CliError } from "./error.ts";
import { text } from "./output/text.ts";

/** @throws CliError when it is no run's id, or is left out and there is no run yet */
export async function resolveRun(context: Context, word: string | undefined): Promise<RunId> {
  if (word !== undefined) {
    if (isId("run", word)) return word;
    throw new CliError("run_unknown", `"${word}" is not the id of a run.`, {
      hint: "Ids look like run_01jd0c2v5w8x9y0z1a2b3c4d5e; list yours with: benchgen runs",
    });
  }
  const { run } = await context.memory.recall();
  if (run !== undefined && isId("run", run)) return run;
  const newest = (await (await context.client()).listRuns({ limit: 1 })).items[0];
  if (newest !== undefined) return newest.id;
  throw new CliError("no_run", "There is no run yet.", {
    hint: "Start one: benchgen run ENV --submission PATH",
  });
}

/** @throws CliError when none was used yet */
export async function resolveEnvironment(context: Context, word: string | undefined): Promise<string> {
  const remembered = word ?? (await context.memory.recall()).environment;
  if (remembered !== undefined) return remembered;
  throw new CliError("no_environment", "Say which environment.", {
    hint: "List them with: benchgen env list",
  });
}

export function requireTokenId(word: string): TokenId {
  if (isId("token", word)) return word;
  throw new CliError("token_unknown", `"${word}" is not the id of a token.`, {
    hint: "List them with: benchgen token list",
  });
}

/** `penguins@3` as its parts. */
export function splitReference(reference: string): { name: string; version: number | undefined } {
  const match = /^(.*)@(\d{1,8})$/.exec(reference);
  return match === null
    ? { name: reference, version: undefined }
    : { name: match[1]!, version: Number(match[2]) };
}

/** The version a reference names; without a number the newest published, else the newest. */
export async function readVersion(context: Context, reference: string): Promise<EnvironmentVersion> {
  const client = await context.client();
  const { name, version } = splitReference(reference);
  return await suggesting(context, name, async () => {
    if (version !== undefined) return client.getVersion(name, version);
    const { publishedVersion, latestVersion } = await client.getEnvironment(name);
    return client.getVersion(name, publishedVersion ?? latestVersion);
  });
}

/**
 * Whether a word names a bundle on the disk. One that could be a name as well is a path only when a bundle is there:
 * `benchgen init x` makes a directory x that holds a bundle beside other things, and x is then what it is pushed as.
 */
export async function isPath(context: Context, word: string): Promise<boolean> {
  // Nothing else has a dot or begins with a slash, and "there is no such file" is then the better answer.
  if (/^[.~/]|\.zip$|[\\]/.test(word)) return true;
  if (!/^[a-z0-9-]+$/.test(word)) return exists(word);
  const isBundle =
    (await exists(join(word, "competition.yaml"))) || (await exists(join(word, "competition.yml")));
  if (isBundle) {
    context.out.note(text`Using the path ./${word}. For an environment of that name write: local/${word}`);
  }
  return isBundle;
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/**
 * Adds "Did you mean" when the environment is not there.
 * @throws whatever `ask` throws
 */
export async function suggesting<T>(context: Context, name: string, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof CliError) || error.code !== "not_found") throw error;
    const near = closest(name, await environmentNames(context));
    if (near === undefined) throw error;
    throw new CliError(error.code, error.message, {
      hint: `Did you mean ${near}?`,
      exit: error.exit,
      cause: error,
    });
  }
}

/** Enough to find a typing mistake among. */
const maxNames = 1000;

async function environmentNames(context: Context): Promise<string[]> {
  const client = await context.client();
  const names: string[] = [];
  for await (const { workspace, name } of everyItem(client.listEnvironments)) {
    names.push(name, `${workspace}/${name}`);
    if (names.length >= maxNames) break;
  }
  return names;
}
