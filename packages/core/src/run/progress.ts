/**
 * How far a run's programs say they are. Programs print it (`Processing: 10/100 (10%)`), and it is read from the end of
 * their logs when someone asks: nothing is written for it, however often they print.
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
  ports: Pick<Ports, "table" | "logs">,
  principal: Principal,
  id: RunId,
): Promise<Run> {
  const run = await getRun(ports, principal, id);
  const active = run.tasks.filter(({ status }) => stagesOf(status).length > 0).slice(0, maxTasks);
  if (active.length === 0) return run;
  // What is printed is hidden: it could carry anything, also in the form of progress.
  const record = await loadOwnRun(ports, principal, id);
  if (record.hidden.output && !seesHidden(principal, record)) return run;
  const jobs = await loadJobs(ports.table, id);
  const progress = new Map(
    await Promise.all(active.map(async (task) => [task.index, await progressOf(ports, task, jobs)] as const)),
  );
  return withProgress(run, progress);
}

/** Adds what is known to the tasks, and their sum to the run. Pure. */
export function withProgress(run: Run, progress: ReadonlyMap<number, Progress | undefined>): Run {
  const tasks = run.tasks.map((task) => {
    const known = progress.get(task.index);
    return known === undefined ? task : { ...task, progress: known };
  });
  const [first, ...others] = tasks.flatMap(({ progress }) => (progress === undefined ? [] : [progress]));
  if (first === undefined) return run;
  const sum = others.reduce(
    (sum, { done, total, at }) => ({
      done: sum.done + done,
      total: sum.total + total,
      at: at > sum.at ? at : sum.at,
    }),
    first,
  );
  return { ...run, tasks, progress: sum };
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

/** What a line says of progress; undefined when it says nothing. A line that is rewritten in place says it last. Pure. */
export function parseProgress(text: string): { done: number; total: number } | undefined {
  const said =
    text
      .slice(-1000)
      .split("\r")
      .findLast((part) => part.trim() !== "") ?? "";
  for (const pattern of patterns) {
    const groups = pattern.exec(said.trim())?.groups;
    const [done, total] = [Number(groups?.["done"]), Number(groups?.["total"])];
    if (groups !== undefined && total > 0 && done <= total) return { done, total };
  }
  return undefined;
}
