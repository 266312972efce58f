import { type Environment, type EnvironmentVersion, visibilities } from "@benchgen/core/wire/api.ts";
import { type Command, Argument } from "commander";
import { everyItem } from "../client/client.ts";
import type { Context } from "../context.ts";
import { type ExitCode, exitCode } from "../error.ts";
import { openBundle } from "../file/bundle-download.ts";
import { saveContent } from "../file/download.ts";
import { formatTime } from "../output/format.ts";
import { renderFinding } from "../output/finding.ts";
import { table } from "../output/table.ts";
import { type Text, paint, text } from "../output/text.ts";
import { readVersion, resolveEnvironment, splitReference, suggesting } from "../reference.ts";
import type { Register, Run } from "./command.ts";
import { environmentCard } from "./environment-card.ts";
import { downloadCommand } from "./environment-download.ts";

const argument = "name, workspace/name or id; @3 at the end names a version (default: the last one used)";

export const registerEnvironment: Register = (program, run) => {
  const group = program.command("env").description("List, show, download and publish environments.");
  const add = (name: string, description: string) => group.command(name).description(description);
  listCommand(add("list", "List environments."), run);
  showCommand(add("show", "Show an environment: phases, tasks, columns, limits."), run);
  versionsCommand(add("versions", "List the versions of an environment, newest first."), run);
  pullCommand(add("pull", "Download a version as the bundle that was uploaded."), run);
  downloadCommand(
    add("download", "Download what its phases offer: starting kits, public data.").argument(
      "[environment]",
      argument,
    ),
    run,
  );
  publishCommand(add("publish", "Publish a version that is held back because a solution failed."), run);
  visibilityCommand(add("visibility", "Say who may see an environment."), run);
};

function listCommand(command: Command, run: Run): void {
  command.option("--public", "those that any workspace has made public");
  command.action((options: { readonly public?: boolean }) =>
    run(command, async (context) => {
      const client = await context.client();
      const found: Environment[] = [];
      const query = options.public === true ? { public: "true" } : {};
      for await (const environment of everyItem(client.listEnvironments, query)) {
        found.push(environment);
        context.out.data({ type: "environment", ...environment });
      }
      if (found.length > 0) context.out.print(environmentTable(found, options.public === true));
      else if (options.public === true) context.out.note(text`No environment is public yet.`);
      else context.out.note(text`There is no environment yet. Publish one: benchgen push DIR`);
      return undefined;
    }),
  );
}

function environmentTable(environments: readonly Environment[], ofAll: boolean): Text {
  return table(
    ["NAME", "TITLE", "VERSION", "VISIBILITY", "UPDATED (UTC)"].map((title) => ({ title })),
    environments.map((environment) => [
      ofAll ? `${environment.workspace}/${environment.name}` : environment.name,
      environment.title,
      environment.publishedVersion ?? paint.yellow("none published"),
      environment.visibility,
      paint.dim(formatTime(environment.updatedAt)),
    ]),
  );
}

function showCommand(command: Command, run: Run): void {
  command.argument("[environment]", argument).action((word: string | undefined) =>
    run(command, async (context) => {
      const version = await readVersion(context, await resolveEnvironment(context, word));
      context.out.data({ type: "version", ...version });
      context.out.print(environmentCard(version));
      for (const finding of version.findings) context.out.print(await renderFinding(finding));
      return undefined;
    }),
  );
}

function versionsCommand(command: Command, run: Run): void {
  command.argument("[environment]", argument).action((word: string | undefined) =>
    run(command, async (context) => {
      const client = await context.client();
      const { name } = splitReference(await resolveEnvironment(context, word));
      const versions: EnvironmentVersion[] = [];
      await suggesting(context, name, async () => {
        for await (const version of everyItem((query) => client.listVersions(name, query)))
          versions.push(version);
      });
      for (const version of versions) context.out.data({ type: "version", ...version });
      context.out.print(
        table(
          ["VERSION", "STATUS", "TITLE", "CREATED (UTC)", "BY", "CONTENT"].map((title) => ({ title })),
          versions.map((version) => [
            version.number,
            version.forced === undefined ? version.status : `${version.status} (forced)`,
            version.title,
            formatTime(version.createdAt),
            version.createdBy,
            paint.dim(version.contentHash.slice(0, 12)),
          ]),
        ),
      );
      return undefined;
    }),
  );
}

function pullCommand(command: Command, run: Run): void {
  command
    .argument("[environment]", argument)
    .option("-o, --output <file>", "where to (default: NAME-VERSION.zip)")
    .option("--force", "overwrite what is there");
  command.action((word: string | undefined, options: { output?: string; force?: boolean }) =>
    run(command, async (context) => {
      const client = await context.client();
      const version = await readVersion(context, await resolveEnvironment(context, word));
      const path = options.output ?? `${version.environment}-${version.number}.zip`;
      const content = await openBundle(client, version);
      await saveContent(content, path, { force: options.force === true, signal: context.signal });
      context.out.data({ type: "saved", path, environment: version.environment, version: version.number });
      context.out.print(text`Saved ${paint.bold(path)}: ${version.environment}@${version.number}`);
      return undefined;
    }),
  );
}

function publishCommand(command: Command, run: Run): void {
  command
    .argument("<environment>", "with its version: penguins@3")
    .requiredOption("--force", "required: the choice is recorded and shown to everyone");
  command.action((word: string) => run(command, async (context) => publish(context, word)));
}

async function publish(context: Context, word: string): Promise<ExitCode> {
  const client = await context.client();
  const { name, version } = splitReference(word);
  const number =
    version ?? (await suggesting(context, name, () => client.getEnvironment(name))).latestVersion;
  const published = await client.forcePublish(name, number);
  context.out.data({ type: "version", ...published });
  context.out.print(
    text`${paint.green("published")} ${published.environment}@${published.number} although a solution failed`,
  );
  return exitCode.done;
}

function visibilityCommand(command: Command, run: Run): void {
  command
    .argument("<environment>", "name, workspace/name or id")
    .addArgument(new Argument("<visibility>", "who may see it").choices(visibilities));
  command.action((word: string, visibility: Environment["visibility"]) =>
    run(command, async (context) => {
      const client = await context.client();
      const changed = await suggesting(context, word, () => client.setVisibility(word, visibility));
      context.out.data({ type: "environment", ...changed });
      context.out.print(text`${paint.bold(changed.name)} is ${changed.visibility} now`);
      return undefined;
    }),
  );
}
