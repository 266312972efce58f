import type { Context } from "../context.ts";
import { CliError, type ExitCode, exitCode } from "../error.ts";
import { dollars, positiveInteger } from "../option.ts";
import { judgeAll } from "../run/judge.ts";
import { text } from "../output/text.ts";
import { renderFailures, renderReport } from "../output/report.ts";
import { resolveRun } from "../reference.ts";
import type { Register } from "./command.ts";

const runArgument = "a run's id (default: the last one)";

/** `report` and `failures`: what a run's cases come to, and why they failed. */
export const registerReport: Register = (program, run) => {
  const report = program
    .command("report")
    .argument("[run]", runArgument)
    .description("Show what a run's cases come to: accuracy with its interval, latency, tokens, cost.")
    .option("--bootstrap", "bootstrap intervals of means, for values far from a bell curve")
    .option("--seed <n>", "of the bootstrap: the same seed draws the same (default: 1)", positiveInteger);
  report.action((word: string | undefined, options: ReportOptions) =>
    run(report, async (context) => showReport(context, word, options)),
  );
  const failures = program
    .command("failures")
    .argument("[run]", runArgument)
    .description("Show why a run's cases failed, alike ones together.")
    .option("--judge <model>", "first ask this model about those of which a rule could not tell more")
    .option("--max-cost <usd>", "of the judge: the most its calls may cost, dollars", dollars)
    .option("--limit <n>", "of the judge: cases it is asked about (default: 100)", positiveInteger);
  failures.action((word: string | undefined, options: FailuresOptions) =>
    run(failures, async (context) => showFailures(context, word, options)),
  );
};

interface ReportOptions {
  readonly bootstrap?: true;
  readonly seed?: number;
}

interface FailuresOptions {
  readonly judge?: string;
  readonly maxCost?: number;
  readonly limit?: number;
}

async function showReport(
  context: Context,
  word: string | undefined,
  { bootstrap, seed }: ReportOptions,
): Promise<undefined> {
  if (bootstrap === undefined && seed !== undefined) {
    throw new CliError("bootstrap_missing", "--seed is of the bootstrap, and none is asked for.", {
      hint: "Ask for it: benchgen report --bootstrap --seed N",
    });
  }
  const id = await resolveRun(context, word);
  const report = await (await context.client()).getReport(id, bootstrap && (seed ?? 1));
  context.out.data({ type: "report", ...report });
  context.out.print(renderReport(report));
  if (report.overall !== undefined && report.overall.failures.length > 0) {
    context.out.note(text`\nWhy they failed: benchgen failures ${report.runId}`);
  }
}

async function showFailures(
  context: Context,
  word: string | undefined,
  { judge, maxCost, limit }: FailuresOptions,
): Promise<ExitCode> {
  if (judge === undefined && (maxCost !== undefined || limit !== undefined)) {
    throw new CliError("judge_missing", "--max-cost and --limit are of a judge, and none is named.", {
      hint: "Name a model that is asked why cases failed: --judge NAME",
    });
  }
  const id = await resolveRun(context, word);
  const judged =
    judge === undefined || (await judgeAll(context, id, { judge, maxCost, limit: limit ?? 100 }));
  const failures = await (await context.client()).getFailures(id);
  context.out.data({ type: "failures", ...failures });
  context.out.print(renderFailures(failures));
  if (failures.total > 0) {
    context.out.note(text`\nThose of one: benchgen cases ${failures.runId} --category NAME`);
  }
  return judged ? exitCode.done : exitCode.failed;
}
