/** The demo's second act: two models on one environment, what they come to, why one fails, and which is better. */
import { access } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { EnvironmentVersion, Run } from "@benchgen/core/wire/api.ts";
import type { Comparison, RunComparison } from "@benchgen/core/wire/comparison.ts";
import type { Context } from "../context.ts";
import { renderComparison } from "../output/comparison.ts";
import { renderLeaderboard } from "../output/leaderboard.ts";
import { renderEssentials, renderFailures } from "../output/report.ts";
import { paint, text } from "../output/text.ts";
import { followRun } from "../run/follow.ts";
import { ingestionOf } from "../run/verification.ts";
import { type SolverOptions, startSolver } from "../solver/server.ts";
import { clientOf, publish, runFailed } from "./play.ts";
import type { Story } from "./story.ts";

const bundle = fileURLToPath(new URL("../../../../examples/arithmetic-qa/bundle", import.meta.url));

interface DemoModel {
  readonly name: string;
  readonly skill: SolverOptions;
  /** Dollars per million tokens, in and out. */
  readonly prices: readonly [input: number, output: number];
}

/** The second one is better, slower and dearer. The same answers every time. */
const models: readonly [DemoModel, DemoModel] = [
  {
    name: "small",
    skill: { errorRate: 0.25, refusalRate: 0.05, latencyMs: 30, seed: "f" },
    prices: [0.1, 0.4],
  },
  { name: "large", skill: { errorRate: 0.05, latencyMs: 90, seed: "small" }, prices: [2, 8] },
];

export interface ModelScene {
  readonly story: Story;
  /** Of the server. */
  readonly url: string;
}

/** @throws CliError when any stage fails; that this machine cannot give a sandbox a model is told, and no failure */
export async function playModels(context: Context, { story, url }: ModelScene): Promise<void> {
  await access(bundle);
  const client = clientOf(context, url);
  try {
    const version = await publish(client, {
      story,
      bundle,
      heading: text`An environment that asks a model`,
    });
    await addModels(client, context, story);
    const runs: Run[] = [];
    for (const { name } of models) {
      const run = await evaluate(client, story, { version, model: name });
      if (run === undefined) return;
      await tellReport(client, context, run);
      runs.push(run);
    }
    const [small, large] = runs;
    if (small === undefined || large === undefined) throw new Error("there are two models");
    await tellFailures(client, context, { story, run: small });
    await tellComparison(client, context, { story, version, runs: [small, large] });
  } finally {
    await client.end();
  }
}

async function addModels(client: Context, context: Context, story: Story): Promise<void> {
  story.heading(text`Two models, served here: one is wrong more often, the other slower and dearer`);
  const api = await client.client();
  for (const { name, skill, prices } of models) {
    const solver = await startSolver(skill);
    context.onEnd(() => solver.close());
    const [input, output] = prices;
    const added = await api.addModel({
      name,
      baseUrl: solver.url,
      model: name,
      prices: { input, output, version: "demo" },
    });
    story.stage("added", text`${name} at ${added.baseUrl}, $${input} and $${output} per million tokens`, {
      model: name,
    });
  }
}

/** @returns undefined when this machine gives programs no way to a model */
async function evaluate(
  client: Context,
  story: Story,
  { version, model }: { readonly version: EnvironmentVersion; readonly model: string },
): Promise<Run | undefined> {
  story.heading(text`${model} is asked forty questions, through the gateway`);
  const ingests = ingestionOf(version);
  const started = await (
    await client.client()
  ).startRun({ environment: version.environment, model, name: model });
  const run = await followRun(client, started.id, { ingests, view: story.runView(ingests) });
  if (run.status === "succeeded") return run;
  if (run.reason?.code === "executor_missing") {
    story.stage("failed", text`${run.reason.message} ${run.reason.hint ?? ""}`, { run: run.id });
    return undefined;
  }
  throw runFailed(run);
}

async function tellReport(client: Context, { out }: Context, run: Run): Promise<void> {
  const report = await (await client.client()).getReport(run.id);
  out.data({ type: "report", ...report });
  const { overall, tasks } = report;
  if (overall !== undefined) out.print(text`\n${renderEssentials(overall, tasks)}`);
}

/** The better model says why the other failed. */
async function tellFailures(
  client: Context,
  { out }: Context,
  { story, run }: { readonly story: Story; readonly run: Run },
): Promise<void> {
  const [, judge] = models;
  story.heading(text`Why ${run.name} fails, as ${judge.name} sees it: POST /runs/${run.id}/failures/judge`);
  const api = await client.client();
  const pass = await api.judgeFailures(run.id, { model: judge.name, maxCostUsd: 0.5 });
  story.stage("judged", text`${pass.judged} cases for $${(pass.costUsd ?? 0).toFixed(4)}`, { run: run.id });
  const failures = await api.getFailures(run.id);
  out.data({ type: "failures", ...failures });
  out.print(text`\n${renderFailures(failures)}`);
}

async function tellComparison(
  client: Context,
  { out }: Context,
  scene: { readonly story: Story; readonly version: EnvironmentVersion; readonly runs: readonly Run[] },
): Promise<void> {
  const api = await client.client();
  scene.story.heading(text`Which is better? GET /compare`);
  const comparison = await api.compareRuns(scene.runs.map(({ id }) => id));
  out.data({ type: "comparison", ...comparison });
  out.print(text`\n${renderComparison(shortened(comparison), out.columns)}`);
  const board = await api.readLeaderboard(scene.version.environment, {});
  for (const row of board.rows) out.data({ type: "row", ...row });
  out.print(text`\n${paint.bold("Their leaderboard, with 95 % intervals")}\n\n${renderLeaderboard(board)}`);
}

/** Of the cases that changed, those a reader looks at. */
function shortened(comparison: Comparison): Comparison {
  const first = ({ count, examples }: RunComparison["fixed"]) => ({ count, examples: examples.slice(0, 2) });
  const comparisons = comparison.comparisons.map((each) => ({
    ...each,
    fixed: first(each.fixed),
    broken: first(each.broken),
  }));
  return { ...comparison, comparisons };
}
