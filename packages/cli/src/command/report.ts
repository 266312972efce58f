import type { Context } from "../context.ts";
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
    .description("Show what a run's cases come to: accuracy with its interval, latency, tokens, cost.");
  report.action((word: string | undefined) => run(report, async (context) => showReport(context, word)));
  const failures = program
    .command("failures")
    .argument("[run]", runArgument)
    .description("Show why a run's cases failed, alike ones together.");
  failures.action((word: string | undefined) =>
    run(failures, async (context) => showFailures(context, word)),
  );
};

async function showReport(context: Context, word: string | undefined): Promise<undefined> {
  const report = await (await context.client()).getReport(await resolveRun(context, word));
  context.out.data({ type: "report", ...report });
  context.out.print(renderReport(report));
  if (report.overall !== undefined && report.overall.failures.length > 0) {
    context.out.note(text`\nWhy they failed: benchgen failures ${report.runId}`);
  }
}

async function showFailures(context: Context, word: string | undefined): Promise<undefined> {
  const failures = await (await context.client()).getFailures(await resolveRun(context, word));
  context.out.data({ type: "failures", ...failures });
  context.out.print(renderFailures(failures));
  if (failures.total > 0) {
    context.out.note(text`\nThose of one: benchgen cases ${failures.runId} --category NAME`);
  }
}
