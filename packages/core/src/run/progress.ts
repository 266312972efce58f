/**
 * How far a run's programs are. They print it (`Processing: 10/100 (10%)`), and it is read from the end of their logs when
 * someone asks: nothing is written for that, however often they print. Where they print nothing their calls to the model
 * are counted, by totals that the gateway keeps anyway. The same is told as events, which are few (`announce.ts`).
 */
import type { Principal } from "../access/principal.ts";
import { PlatformFault } from "../error.ts";
import type { LogLine, Ports } from "../ports.ts";
import type { Progress, Run, RunTask } from "../wire/api.ts";
import type { RunId } from "../wire/id.ts";
import type { JobKind } from "../wire/job.ts";
import { getRun, loadOwnRun, seesHidden } from "./read.ts";
import { type JobRecord, loadJobs } from "./record.ts";

/** Tasks that are asked about; of a run with more at work, the first. On AWS each is a request, of which there are few. */
const maxTasks = 4;
/** Lines at the end of a log among which the newest progress is looked for. */
const maxLines = 100;

/** The run, with the progress of the tasks that are at work. @throws NotFound also when it is another participant's */
export async function watchRun(
  ports: Pick<Ports, "table" | "logs" | "clock">,
  principal: Principal,
  id: RunId,
): Promise<Run> {
  const run = await getRun(ports, principal, id);
  const active = run.tasks.filter(({ status }) => stagesOf(status).length > 0).slice(0, maxTasks);
  if (active.length === 0) return run;
  // What is printed is hidden: it could carry anything, also in the form of progress.
  const record = await loadOwnRun(ports, principal, id);
  const now = ports.clock.now().toISOString();
  const jobs = await loadJobs(ports.table, id);
  if (record.hidden.output && !seesHidden(principal, record)) return withCalls(run, jobs, now);
  const progress = new Map(
    await Promise.all(active.map(async (task) => [task.index, await progressOf(ports, task, jobs)] as const)),
  );
  const told = withProgress(run, progress);
  return told.progress === undefined ? withCalls(told, jobs, now) : told;
}

/**
 * The calls of a run whose programs say nothing, as far as one may expect a call for each repeat of a case; a run that
 * has made more has another habit. While an ingestion program is at work: a judge's calls say nothing of how far scoring
 * is. Pure.
 */
export function withCalls(
  run: Run,
  jobs: readonly Pick<JobRecord, "taskIndex" | "kind">[],
  now: string,
): Run {
  const asks = run.tasks.some(({ index, status }) =>
    jobs.some(
      ({ taskIndex, kind }) => taskIndex === index && kind !== "scoring" && stagesOf(status).includes(kind),
    ),
  );
  if (run.usage === undefined || run.model === undefined || !asks) return run;
  const expected = expectedCalls(run.modelOptions, run.tasks.length, run.judge !== undefined);
  const progress = callProgress(run.usage.calls, expected, now);
  // The gateway counts by run: of several tasks nobody knows whose they are.
  const tasks = run.tasks.length === 1 ? run.tasks.map((task) => ({ ...task, progress })) : run.tasks;
  return { ...run, tasks, progress };
}

/** How many calls a run is going to make, where that can be known: a judge makes others beside. Pure. */
export function expectedCalls(
  { limit, epochs = 1 }: NonNullable<Run["modelOptions"]> = {},
  taskCount: number,
  hasJudge: boolean,
): number | undefined {
  return limit === undefined || hasJudge ? undefined : limit * epochs * taskCount;
}

/** Calls as progress; a run that has made more than expected has another habit. Pure. */
export function callProgress(calls: number, expected: number | undefined, now: string): Progress {
  const total = expected === undefined || expected < Math.max(1, calls) ? {} : { total: expected };
  return { done: calls, ...total, at: now, unit: "calls" };
}

/** Adds what is known to the tasks, and their sum to the run. Pure. */
function withProgress(run: Run, progress: ReadonlyMap<number, Progress | undefined>): Run {
  const tasks = run.tasks.map((task) => {
    const known = progress.get(task.index);
    return known === undefined ? task : { ...task, progress: known };
  });
  const [first, ...others] = tasks.flatMap(({ progress }) => (progress === undefined ? [] : [progress]));
  if (first === undefined) return run;
  const sum = (all: { done: number; total: number; at: string }, { done, total = 0, at }: Progress) => ({
    done: all.done + done,
    total: all.total + total,
    at: at > all.at ? at : all.at,
  });
  // What several tasks say of their accuracy cannot be added.
  const together =
    others.length === 0 ? first : [first, ...others].reduce(sum, { done: 0, total: 0, at: "" });
  return { ...run, tasks, progress: together };
}

async function progressOf(
  { logs }: Pick<Ports, "logs">,
  task: RunTask,
  jobs: readonly JobRecord[],
): Promise<Progress | undefined> {
  const stages = stagesOf(task.status);
  const job = jobs.find(({ taskIndex, kind }) => taskIndex === task.index && stages.includes(kind));
  if (job === undefined) return undefined;
  try {
    return newestProgress(await logs.tail({ ...job, jobId: job.id }, { limit: maxLines }));
  } catch (error) {
    // It is only to be looked at: a run is shown without it rather than not at all.
    if (error instanceof PlatformFault) return undefined;
    throw error;
  }
}

function stagesOf(status: RunTask["status"]): readonly JobKind[] {
  if (status === "ingesting") return ["ingestion", "concurrent"];
  return status === "scoring" ? ["scoring", "concurrent"] : [];
}

/** What the lines of a task, oldest first, say last of its progress. Pure. */
export function newestProgress(lines: readonly LogLine[]): Progress | undefined {
  for (const { text, at, stream } of lines.toReversed()) {
    const found = stream === "system" ? undefined : parseProgress(text);
    if (found !== undefined) return { ...found, at: new Date(at).toISOString() };
  }
  return undefined;
}

/** `Processing: 10/100 (10%)`, with any words in front, and tqdm's ` 10%|█    | 10/100 [00:01<00:09]`. */
const patterns = [
  /^[^\d/]{0,60}?\b(?<done>\d{1,9}) ?(?:\/|of) ?(?<total>\d{1,9}) \(\s?\d{1,3}(?:\.\d{1,3})? ?%\)/,
  /^(?:processing|progress):? (?<done>\d{1,9}) ?(?:\/|of) ?(?<total>\d{1,9})\b/i,
  /\d{1,3}%\|[^|]{0,300}\| ?(?<done>\d{1,9})\/(?<total>\d{1,9}) \[/,
];

/** `accuracy=0.8 loss=1e-3` behind it, tqdm's postfix included: names and plain numbers, and nothing with a unit. */
const value =
  /(?<=[\s,;|[])(?<name>[a-z][\w.-]{0,39})=(?<number>-?\d{1,15}(?:\.\d{1,15})?(?:e[-+]?\d{1,2})?)(?=$|[\s,;|\]])/gi;
/** More would not fit beside the progress. */
const maxValues = 4;

/** What a line says of progress; undefined when it says nothing. A line that is rewritten in place says it last. Pure. */
export function parseProgress(
  text: string,
): (Pick<Progress, "done" | "values"> & { total: number }) | undefined {
  const said =
    text
      .slice(-1000)
      .split("\r")
      .findLast((part) => part.trim() !== "") ?? "";
  for (const pattern of patterns) {
    const found = pattern.exec(said.trim());
    const [done, total] = [Number(found?.groups?.["done"]), Number(found?.groups?.["total"])];
    if (found === null || !(total > 0 && done <= total)) continue;
    const values = valuesIn(said.trim().slice(found.index + found[0].length));
    return { done, total, ...(values !== undefined && { values }) };
  }
  return undefined;
}

function valuesIn(tail: string): Record<string, number> | undefined {
  const found = [...tail.matchAll(value)].slice(0, maxValues);
  if (found.length === 0) return undefined;
  return Object.fromEntries(found.map(({ groups }) => [groups?.["name"] ?? "", Number(groups?.["number"])]));
}
