import {
  type CreateRun,
  type EnvironmentVersion,
  type Run,
  submissionKinds,
} from "@benchgen/core/wire/api.ts";
import { Option } from "commander";
import type { Context } from "../context.ts";
import { CliError, type ExitCode, exitCode } from "../error.ts";
import { addExecutionOptions } from "../execution.ts";
import { requireValidBundle } from "../file/local-bundle.ts";
import { packageOf } from "../file/package.ts";
import { upload } from "../file/upload.ts";
import { renderEssentials } from "../output/report.ts";
import { paint, text } from "../output/text.ts";
import { isPath, readVersion, suggesting } from "../reference.ts";
import { followRun } from "../run/follow.ts";
import { doneRecord, renderRunHead, renderScores, renderTroubles } from "../run/report.ts";
import { ingestionOf } from "../run/verification.ts";
import type { Register } from "./command.ts";

interface RunOptions extends Pick<CreateRun, "as" | "phase" | "name"> {
  readonly submission: string;
  readonly follow?: boolean;
}

export const registerRun: Register = (program, run) => {
  const command = addExecutionOptions(program.command("run"))
    .argument(
      "<environment>",
      "a published environment (penguins, penguins@2), or a bundle: a directory or a zip",
    )
    .description("Run a submission. A bundle is run as it is, without publishing it.")
    .requiredOption("--submission <path>", "directory, zip, or single file")
    .addOption(
      new Option("--as <kind>", "what the submission is (default: from the environment)").choices(
        submissionKinds,
      ),
    )
    .option("--phase <phase>", "name or index (default: the only open one)")
    .option("--name <name>", "shown on the leaderboard (default: the submission's file name)")
    .option("-f, --follow", "with a server: wait for the end (without one it always does)");
  command.action((environment: string, options: RunOptions) =>
    run(command, async (context) => runSubmission(context, environment, options)),
  );
};

async function runSubmission(context: Context, word: string, options: RunOptions): Promise<ExitCode> {
  const oneShot = await isPath(context, word);
  if (oneShot) await requireValidBundle(context, word);
  const file = await packageOf(context, options.submission);
  const environment = oneShot ? await storeBundle(context, word) : word;
  const version = await readVersion(context, environment);
  const { id: uploadId } = await upload(context, file, { kind: "submission" });
  const client = await context.client();
  const submission = await client.createSubmission(uploadId);
  const { as, phase, name } = options;
  const run = await suggesting(context, environment, () =>
    client.startRun({
      environment,
      submissionId: submission.id,
      ...(as === undefined ? {} : { as }),
      ...(phase === undefined ? {} : { phase }),
      ...(name === undefined ? {} : { name }),
    }),
  );
  await context.memory.remember({ run: run.id, ...(oneShot ? {} : { environment: run.environment }) });
  return await conclude(context, run, version, options.follow === true);
}

/** Stores a bundle without publishing it, and gives the reference of the version it became. */
async function storeBundle(context: Context, path: string): Promise<string> {
  const file = await packageOf(context, path);
  const { result } = await upload(context, file, { kind: "bundle", purpose: "run" });
  if (result === undefined)
    throw new CliError("not_stored", `${path} was not stored.`, { exit: exitCode.failed });
  return `${result.environmentId}@${result.version}`;
}

/** Follows a run that was just started, where that is wanted or this process executes it, and tells how it ended. */
export async function conclude(
  context: Context,
  run: Run,
  version: EnvironmentVersion,
  follow: boolean,
): Promise<ExitCode> {
  const { out } = context;
  out.data({
    type: "run",
    run: run.id,
    name: run.name,
    environment: run.environment,
    version: run.version,
    phase: run.phase,
  });
  out.note(
    text`Run ${paint.bold(run.id)} of ${run.name} on ${run.environment}@${run.version}, phase ${run.phase.name}`,
  );
  const { host } = await context.connect();
  if (!follow && host === undefined) {
    out.print(text`${run.id}`);
    out.note(text`Follow it: benchgen logs -f — see how it stands: benchgen status`);
    return exitCode.done;
  }
  const finished = await followRun(context, run.id, { ingests: ingestionOf(version) });
  await host?.waitForRun(run.id);
  out.data(doneRecord(finished));
  showResults(context, finished, version);
  await showEssentials(context, finished);
  return finished.status === "succeeded" ? exitCode.done : exitCode.failed;
}

/** What `run` ends with and `results` shows. */
export function showResults({ out }: Context, run: Run, version: EnvironmentVersion): void {
  out.print(renderRunHead(run));
  const scores = renderScores(run, version);
  if (scores !== undefined) out.print(text`\n${scores}`);
  for (const trouble of renderTroubles(run)) out.print(text`\n${trouble}`);
  if (run.status === "failed" || run.status === "timed_out")
    out.note(text`\nAll it wrote: benchgen logs ${run.id}`);
}

/** What its cases come to, where it has any that may be seen. */
export async function showEssentials(context: Context, run: Run): Promise<void> {
  const { out } = context;
  if (out.json || !run.tasks.some(({ cases }) => cases !== undefined && cases.total > 0)) return;
  const { overall } = await (await context.client()).getReport(run.id).catch((error: unknown) => {
    if (error instanceof CliError && error.code === "output_hidden") return { overall: undefined };
    throw error;
  });
  if (overall === undefined) return;
  out.print(text`\n${renderEssentials(overall)}`);
  out.note(text`\nMore: benchgen report — why cases failed: benchgen failures — all of them: benchgen cases`);
}
