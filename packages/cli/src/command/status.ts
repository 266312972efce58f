import type { EnvironmentVersion, Run } from "@benchgen/core/wire/api.ts";
import { isTerminal, runMoves } from "@benchgen/core/wire/status.ts";
import type { Context } from "../context.ts";
import { type ExitCode, exitCode } from "../error.ts";
import { formatSeconds, secondsBetween } from "../output/format.ts";
import { table } from "../output/table.ts";
import { text } from "../output/text.ts";
import { resolveRun } from "../reference.ts";
import { formatProgress, formatUsage } from "../run/stage.ts";
import { doneRecord, renderRunHead, renderTroubles } from "../run/report.ts";
import { showEssentials, showResults } from "./run.ts";
import type { Register } from "./command.ts";

const runArgument = "a run's id (default: the last one)";

/** `status` and `results`: how a run stands, and what came of it. */
export const registerStatus: Register = (program, run) => {
  const status = program
    .command("status")
    .argument("[run]", runArgument)
    .description("Show how a run stands.");
  status.action((word: string | undefined) => run(status, async (context) => showStatus(context, word)));
  const results = program
    .command("results")
    .argument("[run]", runArgument)
    .description("Show a run's scores, per task and overall, and why anything failed.");
  results.action((word: string | undefined) =>
    run(results, async (context) => showRunResults(context, word)),
  );
};

async function showStatus(context: Context, word: string | undefined): Promise<undefined> {
  const { out } = context;
  const id = await resolveRun(context, word);
  const run = await (await context.client()).watchRun(id);
  out.data({ type: "run", ...run });
  out.print(renderRunHead(run));
  out.print(text`\n${taskTable(run)}`);
  const usage = formatUsage(run);
  if (usage !== undefined) out.print(text`\nmodel: ${usage}`);
  for (const trouble of renderTroubles(run)) out.print(text`\n${trouble}`);
}

function taskTable(run: Run) {
  const rows = run.tasks.map((task) => {
    const took = secondsBetween(task.startedAt, task.endedAt);
    return [
      task.index,
      task.name,
      task.status,
      took === undefined ? "" : formatSeconds(took),
      task.executor ?? "",
      ...(task.progress === undefined ? [] : [formatProgress(task.progress)]),
    ];
  });
  return table(
    [
      { title: "#", align: "right" },
      { title: "TASK" },
      { title: "STATUS" },
      { title: "TOOK", align: "right" },
      { title: "BY" },
      ...(run.tasks.some(({ progress }) => progress !== undefined) ? [{ title: "PROGRESS" }] : []),
    ],
    rows,
  );
}

async function showRunResults(context: Context, word: string | undefined): Promise<ExitCode> {
  const id = await resolveRun(context, word);
  const client = await context.client();
  const run = await client.getRun(id);
  const version: EnvironmentVersion = await client.getVersion(run.environmentId, run.version);
  context.out.data(doneRecord(run));
  showResults(context, run, version);
  if (isTerminal(runMoves, run.status)) await showEssentials(context, run);
  return run.status === "failed" || run.status === "timed_out" ? exitCode.failed : exitCode.done;
}
