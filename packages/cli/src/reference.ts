/** What a word on the command line names: a path, an environment, a run; the last one when it is left out. */
import { access } from "node:fs/promises";
import { join } from "node:path";
import { closest } from "@benchgen/core/bundle/closest.ts";
import type { EnvironmentVersion } from "@benchgen/core/wire/api.ts";
import { type RunId, type TokenId, isId } from "@benchgen/core/wire/id.ts";
import { type Client, everyItem } from "./client/client.ts";
import type { Context } from "./context.ts";
import { CliError } from "./error.ts";
import { text } from "./output/text.ts";

/** @throws CliError when it is no run's id, or is left out and there is no run yet */
export async function resolveRun(
  context: Pick<Context, "memory" | "client">,
  word: string | undefined,
): Promise<RunId> {
  if (word !== undefined) {
    if (isId("run", word)) return word;
    throw new CliError("run_unknown", `"${word}" is not the id of a run.`, {
      hint: "Ids look like run_01jd0c2v5w8x9y0z1a2b3c4d5e; list yours with: benchgen runs",
    });
  }
  const { run } = await context.memory.recall();
  if (run !== undefined && isId("run", run)) return run;
  const newest = await newestOwnRun(await context.client());
  if (newest !== undefined) return newest;
  throw new CliError("no_run", "There is no run of yours yet.", {
    hint: "Start one: benchgen run ENV --submission PATH (or --model NAME) — or name one of those you can see: benchgen runs",
  });
}

/** Runs that are looked through for one's own. */
const maxRuns = 1000;

/** Authors see the runs of others as well: `benchgen cancel` must not mean one of those. */
async function newestOwnRun(client: Client): Promise<RunId | undefined> {
  const { name, workspace } = await client.whoAmI();
  let seen = 0;
  for await (const { id, participant } of everyItem(client.listRuns)) {
    if (participant === name || participant === `${workspace}/${name}`) return id;
    if (++seen === maxRuns) break;
  }
  return undefined;
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
    const workspace = context.target.url === undefined ? "local" : "WORKSPACE";
    context.out.note(
      text`Using the path ./${word}. For an environment of that name write: ${workspace}/${word}`,
    );
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
 * Adds "Did you mean" when the environment is not there: one of that very name is, where something else was not found.
 * @throws whatever `ask` throws
 */
export async function suggesting<T>(context: Context, name: string, ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof CliError) || error.code !== "not_found") throw error;
    const near = closest(name, await environmentNames(context));
    if (near === undefined || near === name) throw error;
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
