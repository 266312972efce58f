import type { EnvironmentVersion } from "@benchgen/core/wire/api.ts";
import { join } from "node:path";
import type { Command } from "commander";
import type { Context } from "../context.ts";
import { CliError } from "../error.ts";
import { saveResponse, segmentsOf } from "../file/download.ts";
import { count, formatBytes } from "../output/format.ts";
import { paint, text } from "../output/text.ts";
import { readVersion, resolveEnvironment } from "../reference.ts";
import type { Run } from "./command.ts";

/** What the phases of an environment offer their participants: starting kits and public data. */
export function downloadCommand(command: Command, run: Run): void {
  command
    .option("-o, --output <dir>", "where to (default: NAME-files)")
    .option("--force", "overwrite what is there")
    .action((word: string | undefined, options: { output?: string; force?: boolean }) =>
      run(command, async (context) => download(context, word, options)),
    );
}

async function download(
  context: Context,
  word: string | undefined,
  options: { output?: string; force?: boolean },
): Promise<undefined> {
  const version = await readVersion(context, await resolveEnvironment(context, word));
  const files = offered(version);
  if (files.length === 0) {
    throw new CliError(
      "nothing_offered",
      `${version.environment}@${version.number} offers nothing to download.`,
      {
        hint: "Its author offers files with starting_kit and public_data in a phase.",
      },
    );
  }
  const client = await context.client();
  const directory = options.output ?? `${version.environment}-files`;
  for (const file of files) {
    const { filename, size, url } = await client.getDownload(version.environmentId, version.number, file);
    const path = join(directory, ...segmentsOf([...foldersOf(file, files), filename]));
    const response = await client.download(url);
    await saveResponse(response, path, { force: options.force === true, signal: context.signal });
    context.out.data({ type: "saved", path, file, size });
    context.out.note(text`${path} (${formatBytes(size)})`);
  }
  context.out.print(text`Saved ${count(files.length, "file")} in ${paint.bold(directory)}`);
}

function offered({ phases }: EnvironmentVersion): string[] {
  const named = phases.flatMap(({ startingKit, publicData }) => [startingKit, publicData]);
  return [...new Set(named.filter((file) => file !== undefined))];
}

/** Below which folders a file is saved: none, but where another has the same name, those it has in the bundle. */
export function foldersOf(file: string, files: readonly string[]): string[] {
  const isAlone = files.filter((other) => nameOf(other) === nameOf(file)).length === 1;
  return isAlone ? [] : file.split("/").slice(0, -1);
}

/** A directory is saved as a zip of its name; some file systems do not tell capitals apart. */
function nameOf(file: string): string {
  const name = file.slice(file.lastIndexOf("/") + 1).toLowerCase();
  return name.replace(/\.zip$/, "");
}
