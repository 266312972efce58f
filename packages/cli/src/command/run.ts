import {
  type CreateRun,
  type EnvironmentVersion,
  type Run,
  submissionKinds,
} from "@benchgen/core/wire/api.ts";
import type { SubmissionId } from "@benchgen/core/wire/id.ts";
import { Option } from "commander";
import type { Context } from "../context.ts";
import { CliError, type ExitCode, exitCode } from "../error.ts";
import { addExecutionOptions } from "../execution.ts";
import { requireValidBundle } from "../file/local-bundle.ts";
import { packageOf } from "../file/package.ts";
import { upload } from "../file/upload.ts";
import { dollars, positiveInteger, runName, wholeNumber } from "../option.ts";
import { renderEssentials } from "../output/report.ts";
import { paint, text } from "../output/text.ts";
import { isPath, readVersion, suggesting } from "../reference.ts";
import { followRun } from "../run/follow.ts";
import { doneRecord, renderRunHead, renderScores, renderTroubles } from "../run/report.ts";
import { formatUsage } from "../run/stage.ts";
import { ingestionOf } from "../run/verification.ts";
import type { Register } from "./command.ts";

interface RunOptions extends Pick<
  CreateRun,
  "as" | "phase" | "name" | "model" | "judge" | "limit" | "epochs" | "concurrency"
> {
  readonly submission?: string;
  readonly maxCost?: number;
  readonly maxTokens?: number;
  readonly maxCalls?: number;
  readonly follow?: boolean;
}

export const registerRun: Register = (program, run) => {
  const command = addExecutionOptions(program.command("run"))
    .argument(
      "<environment>",
      "a published environment (penguins, penguins@2), or a bundle: a directory or a zip",
    )
    .description("Run a submission, or a model. A bundle is run as it is, without publishing it.")
    .option("--submission <path>", "directory, zip, or single file")
    .option("--model <name>", "a model that the ingestion program asks (benchgen model list)")
    .option("--judge <name>", "a model that the scoring program asks, where it wants a judge")
    .option("--limit <n>", "of a model: only so many cases", positiveInteger)
    .option("--epochs <n>", "of a model: repeats of each case", positiveInteger)
    .option("--max-cost <usd>", "of a model: the most its calls may cost, dollars", dollars)
    .option("--max-tokens <n>", "of a model: the most tokens its calls may take", wholeNumber)
    .option("--max-calls <n>", "of a model: the most calls it may be sent", wholeNumber)
    .addOption(
      new Option("--as <kind>", "what the submission is (default: from the environment)").choices(
        submissionKinds,
      ),
    )
    .option("--phase <phase>", "name or index (default: the only open one)")
    .option("--name <name>", "shown on the leaderboard (default: the submission's file name)", runName)
    .option("-f, --follow", "with a server: wait for the end (without one it always does)");
  command.action((environment: string, options: RunOptions) =>
    run(command, async (context) => runSubmission(context, environment, options)),
  );
};

async function runSubmission(context: Context, word: string, options: RunOptions): Promise<ExitCode> {
  const oneShot = await isPath(context, word);
  if (oneShot) await requireValidBundle(context, word);
  if (options.submission === undefined && options.model === undefined) {
    throw new CliError("submission_missing", "It is not said what is to be run.", {
      hint: "Name a submission (--submission PATH) or a model (--model NAME).",
    });
  }
  // Read before the bundle is sent: a wrong path costs nothing then.
  const file = options.submission === undefined ? undefined : await packageOf(context, options.submission);
  const environment = oneShot ? await storeBundle(context, word) : word;
  const version = await readVersion(context, environment).catch((error: unknown) => {
    throw nothingThere(error, word);
  });
  const client = await context.client();
  const submissionId = file === undefined ? undefined : await sendSubmission(context, file);
  const run = await suggesting(context, environment, () =>
    client.startRun({
      environment,
      ...(submissionId === undefined ? {} : { submissionId }),
      ...requestOf(options),
    }),
  );
  await context.memory.remember({ run: run.id, ...(oneShot ? {} : { environment: run.environment }) });
  return await conclude(context, run, version, options.follow === true);
}

/** `my-env/bundle` is read as WORKSPACE/NAME when no such path is there: whoever meant the path is told so. */
function nothingThere(error: unknown, word: string): unknown {
  if (!(error instanceof CliError) || error.code !== "not_found" || !word.includes("/")) return error;
  const { code, message, hint, exit } = error;
  return new CliError(code, `${message} Nor is there a file or directory of that path.`, {
    hint,
    exit,
    cause: error,
  });
}

async function sendSubmission(
  context: Context,
  file: Awaited<ReturnType<typeof packageOf>>,
): Promise<SubmissionId> {
  const { id: uploadId } = await upload(context, file, { kind: "submission" });
  return (await (await context.client()).createSubmission(uploadId)).id;
}

/** What was said of the run, and nothing else: the server knows the defaults. */
function requestOf(options: RunOptions): Omit<CreateRun, "environment" | "submissionId"> {
  const { as, phase, name, model, judge, limit, epochs } = options;
  const { maxCost: maxCostUsd, maxTokens, maxCalls } = options;
  // The same option says how many programs run at one time on this machine.
  const concurrency = model === undefined ? undefined : options.concurrency;
  const said = { as, phase, name, model, judge, limit, epochs, concurrency, maxCostUsd, maxTokens, maxCalls };
  return Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined));
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
  const usage = formatUsage(run);
  if (usage !== undefined) out.print(text`\nmodel: ${usage}`);
  for (const trouble of renderTroubles(run)) out.print(text`\n${trouble}`);
  if (run.status === "failed" || run.status === "timed_out")
    out.note(text`\nAll it wrote: benchgen logs ${run.id}`);
}

/** What its cases come to, where it has any that may be seen. */
export async function showEssentials(context: Context, run: Run): Promise<void> {
  const { out } = context;
  if (out.json || !run.tasks.some(({ cases }) => cases !== undefined && cases.total > 0)) return;
  const { overall, tasks } = await (await context.client()).getReport(run.id).catch((error: unknown) => {
    if (error instanceof CliError && error.code === "output_hidden") return { overall: undefined, tasks: [] };
    throw error;
  });
  if (overall === undefined) return;
  out.print(text`\n${renderEssentials(overall, tasks)}`);
  out.note(text`\nMore: benchgen report — why cases failed: benchgen failures — all of them: benchgen cases`);
}
