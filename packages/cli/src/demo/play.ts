/** The demo itself: what anyone would do with the API, told as it happens. */
import { relative } from "node:path";
import type { EnvironmentVersion, LeaderboardPage, Run } from "@benchgen/core/wire/api.ts";
import type { BenchgenEvent } from "@benchgen/core/wire/event.ts";
import { Context } from "../context.ts";
import { CliError, exitCode } from "../error.ts";
import { packageOf } from "../file/package.ts";
import { upload } from "../file/upload.ts";
import { formatBytes, formatJson, formatScore } from "../output/format.ts";
import { renderLeaderboard } from "../output/leaderboard.ts";
import { type Text, lines, text } from "../output/text.ts";
import { followRun } from "../run/follow.ts";
import { followVerification, ingestionOf } from "../run/verification.ts";
import { EventWatch } from "./event-watch.ts";
import type { Example } from "./example.ts";
import type { Story } from "./story.ts";

export interface DemoScene {
  readonly example: Example;
  readonly story: Story;
  /** Of the server. */
  readonly url: string;
}

/**
 * @returns the name of the environment it published
 * @throws CliError when any stage fails
 */
export async function playDemo(context: Context, scene: DemoScene): Promise<string> {
  const over = new AbortController();
  const client = clientOf(context, scene.url, over.signal);
  try {
    const events = await EventWatch.start(await client.client());
    const { story, example } = scene;
    const heading = text`An environment`;
    const version = await publish(client, { story, bundle: example.bundle, heading });
    let last: Run | undefined;
    for (const submission of scene.example.submissions)
      last = await submit(client, scene, version, submission);
    await tellEvent(context, scene, events, last);
    scene.story.heading(text`The leaderboard: GET /environments/${version.environment}/leaderboard`);
    const board = await readBoard(client, version);
    for (const row of board.rows) context.out.data({ type: "row", ...row });
    context.out.print(text`\n${renderLeaderboard(board)}`);
    return version.environment;
  } finally {
    over.abort();
    await client.end();
  }
}

/**
 * The command as a client of the demo's server, which says nothing itself.
 * @param over ends its requests too
 */
export function clientOf(context: Context, url: string, over?: AbortSignal): Context {
  return new Context({
    out: context.out.quieted(),
    // Of the command's own options none: they would be about another server, or about no server.
    options: { url, home: context.target.home },
    signal: over === undefined ? context.signal : AbortSignal.any([context.signal, over]),
    environment: {},
  });
}

/** Uploads a bundle, and follows it until it is published. @throws CliError when it is not */
export async function publish(
  context: Context,
  { story, bundle, heading }: { readonly story: Story; readonly bundle: string; readonly heading: Text },
): Promise<EnvironmentVersion> {
  story.heading(text`${heading}: ${relative(process.cwd(), bundle)}`);
  const file = await packageOf(context, bundle);
  const { result, findings } = await upload(context, file, { kind: "bundle" }, () => {
    story.stage("uploaded", text`${file.filename}, ${formatBytes(file.size)}, by a PUT to a signed URL`);
  });
  if (result === undefined) throw new Error("an accepted bundle has no result");
  story.stage(
    "validated",
    text`${findings.length === 0 ? "no errors, no warnings" : `${findings.length} warnings`}`,
  );
  const client = await context.client();
  const first = await client.getVersion(result.environmentId, result.version);
  const version = await followVerification(context, first, {
    begun: () => {},
    ended: (run) => story.stage("verified", text`its own solution ran and was scored`, { run: run.id }),
    view: story.runView(ingestionOf(first)),
  });
  if (version.status !== "published") {
    throw new CliError(
      "demo_failed",
      `The environment was held back: ${version.heldBecause ?? version.status}.`,
      {
        exit: exitCode.failed,
        hint: "See what is missing: benchgen doctor",
      },
    );
  }
  story.stage("published", text`${version.environment}@${version.number} ${version.title}`, {
    environment: version.environment,
    version: version.number,
  });
  return version;
}

async function submit(
  context: Context,
  { story }: DemoScene,
  version: EnvironmentVersion,
  submission: Example["submissions"][number],
): Promise<Run> {
  story.heading(text`A submission: ${submission.name}`);
  const client = await context.client();
  const file = await packageOf(context, submission.path);
  const { id } = await upload(context, file, { kind: "submission" }, () => {
    story.stage("uploaded", text`${file.filename}, ${formatBytes(file.size)}, by a PUT to a signed URL`);
  });
  const { id: submissionId } = await client.createSubmission(id);
  const phase = String(version.phases[0]?.index ?? 0);
  const started = await client.startRun({
    environment: version.environment,
    submissionId,
    phase,
    name: submission.name,
  });
  const ingests = ingestionOf(version);
  const run = await followRun(context, started.id, { ingests, view: story.runView(ingests) });
  if (run.status !== "succeeded") throw runFailed(run);
  tellRank(story, await readBoard(context, version), run);
  return run;
}

/** Why the demo ends with that run. */
export function runFailed({ status, reason }: Run): CliError {
  return new CliError("demo_failed", `The run ${status}: ${reason?.message ?? "no reason was given"}`, {
    exit: exitCode.failed,
    hint: reason?.hint ?? "See what this machine can run: benchgen doctor",
  });
}

function tellRank(story: Story, board: LeaderboardPage, run: Run): void {
  const row = board.rows.find(({ runId }) => runId === run.id);
  const column = board.columns.find(({ key }) => key === board.sortedBy.column);
  const score =
    column === undefined ? "" : `${column.title} ${formatScore(run.scores[column.key], column.precision)}, `;
  story.stage("merged", text`${score}rank ${row?.rank ?? "none"} of ${board.rows.length}`, {
    run: run.id,
    rank: row?.rank,
  });
}

async function readBoard(context: Context, version: EnvironmentVersion): Promise<LeaderboardPage> {
  const phase = String(version.phases[0]?.index ?? 0);
  return await (await context.client()).readLeaderboard(version.environment, { phase });
}

async function tellEvent(
  { out }: Context,
  { story }: DemoScene,
  events: EventWatch,
  run: Run | undefined,
): Promise<void> {
  story.heading(text`The notification, as it came from GET /events`);
  const isWanted = (event: BenchgenEvent): boolean =>
    event.type === "Run Finished" && event.detail.run.id === run?.id;
  const event = await events.find(isWanted);
  if (event === undefined) {
    throw new CliError("demo_failed", "The event that the run has finished did not come.", {
      exit: exitCode.failed,
    });
  }
  story.stage("notified", text`${event.type}`, { event });
  out.print(lines(formatJson(event, 90), 9));
}
