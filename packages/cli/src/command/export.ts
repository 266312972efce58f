import { join } from "node:path";
import { type Command, Option } from "commander";
import type { Context } from "../context.ts";
import { CliError, exitCode } from "../error.ts";
import { contentOf, saveResponse, segmentsOf, toStdout } from "../file/download.ts";
import { count, formatBytes } from "../output/format.ts";
import { paint, text } from "../output/text.ts";
import { resolveEnvironment, resolveRun, splitReference, suggesting } from "../reference.ts";
import type { Register, Run } from "./command.ts";
import { caseCommand } from "./export-case.ts";

interface BoardOptions {
  readonly format: "csv" | "json";
  readonly phase?: string;
  readonly board?: string;
  readonly output?: string;
  readonly force?: boolean;
}

export const registerExport: Register = (program, run) => {
  const group = program
    .command("export")
    .description("Save cases, a leaderboard, or what a run left behind, as files.");
  caseCommand(group.command("cases", { isDefault: true }), run);
  boardCommand(group.command("leaderboard"), run);
  runCommand(group.command("run"), run);
};

function boardCommand(command: Command, run: Run): void {
  command
    .argument("[environment]", "name, workspace/name or id (default: the last one used)")
    .description("All of a leaderboard as CSV or JSON.")
    .addOption(new Option("--format <format>", "of the file").choices(["csv", "json"]).default("csv"))
    .option("--phase <phase>", "name or index (default: the only open one)")
    .option("--board <key>", "which of its leaderboards (default: the first)")
    .option("-o, --output <file>", "where to (default: ENVIRONMENT-leaderboard.csv; - for stdout)")
    .option("--force", "overwrite what is there");
  command.action((word: string | undefined, options: BoardOptions) =>
    run(command, async (context) => exportBoard(context, word, options)),
  );
}

async function exportBoard(
  context: Context,
  word: string | undefined,
  options: BoardOptions,
): Promise<undefined> {
  const client = await context.client();
  const environment = await resolveEnvironment(context, word);
  const { format, phase, board, force } = options;
  const response = await suggesting(context, environment, () =>
    client.exportLeaderboard(environment, { format, phase, board }),
  );
  if (options.output === "-") return toStdout(contentOf(response));
  const { name } = splitReference(environment);
  const path = options.output ?? `${name.replace("/", "-")}-leaderboard.${format}`;
  await saveResponse(response, path, { force: force === true, signal: context.signal });
  context.out.data({ type: "saved", path });
  context.out.print(text`Saved ${paint.bold(path)}`);
  return undefined;
}

function runCommand(command: Command, run: Run): void {
  command
    .argument("[run]", "a run's id (default: the last one)")
    .description("Outputs, logs and detailed results of a run, in a directory.")
    .option("-o, --output <dir>", "where to (default: the run's id)")
    .option("--force", "overwrite what is there");
  command.action((word: string | undefined, options: { output?: string; force?: boolean }) =>
    run(command, async (context) => exportRun(context, word, options)),
  );
}

async function exportRun(
  context: Context,
  word: string | undefined,
  options: { output?: string; force?: boolean },
): Promise<undefined> {
  const id = await resolveRun(context, word);
  const client = await context.client();
  const directory = options.output ?? id;
  const files = await client.listRunFiles(id);
  if (files.length === 0) {
    throw new CliError("no_files", `Run ${id} has left no files that you may see.`, {
      exit: exitCode.failed,
    });
  }
  for (const file of files) {
    const path = join(directory, ...segmentsOf([`task-${file.task}`, file.job, file.name]));
    const response = await client.download(file.url);
    await saveResponse(response, path, { force: options.force === true, signal: context.signal });
    context.out.data({
      type: "saved",
      path,
      task: file.task,
      job: file.job,
      name: file.name,
      size: file.size,
    });
    context.out.note(text`${path} (${formatBytes(file.size)})`);
  }
  context.out.print(text`Saved ${count(files.length, "file")} in ${paint.bold(directory)}`);
}
