/** What a run's programs print, while they print it and after. */
import type { Principal } from "../access/principal.ts";
import { Forbidden, InvalidInput } from "../error.ts";
import { logPageBytes } from "../port/range.ts";
import type { Ports } from "../ports.ts";
import type { LogEntry, RunLogs } from "../wire/api.ts";
import type { RunId } from "../wire/id.ts";
import { isTerminal, runMoves } from "../wire/status.ts";
import { newestProgress } from "./progress.ts";
import { loadOwnRun, seesHidden } from "./read.ts";
import { type JobRecord, type RunRecord, loadJobs } from "./record.ts";

/**
 * The next lines of all of a run's jobs: by job, in the order of tasks and jobs, within a job as printed. `done`: the run
 * is over and everything it printed has been read.
 * @throws Forbidden `output_hidden` to participants of a phase that hides its output
 */
export async function readRunLogs(
  ports: Pick<Ports, "table" | "logs">,
  principal: Principal,
  runId: RunId,
  query: { cursor?: string | undefined; limit: number },
): Promise<RunLogs> {
  const run = await loadOwnRun(ports, principal, runId);
  requireVisible(principal, run);
  const jobs = (await loadJobs(ports.table, runId)).sort(byTaskAndKind);
  const cursors = decodeCursor(query.cursor);
  const entries: LogEntry[] = [];
  const next: (string | undefined)[] = [];
  let bytes = 0;
  for (const [position, job] of jobs.entries()) {
    const cursor = cursors[position];
    const room = query.limit - entries.length;
    if (room <= 0 || bytes >= logPageBytes) {
      next.push(cursor);
      continue;
    }
    const read = await ports.logs.read(
      { runId, jobId: job.id, taskIndex: job.taskIndex, kind: job.kind },
      { limit: room, ...(cursor === undefined ? {} : { cursor }) },
    );
    next.push(read.cursor);
    for (const line of read.lines) {
      entries.push({ task: job.taskIndex, job: job.kind, ...line });
      bytes += Buffer.byteLength(line.text);
    }
  }
  // The status was read first: a run that was over then prints nothing more.
  const done = isTerminal(runMoves, run.status) && entries.length === 0;
  const progress = progressIn(entries);
  return { entries, ...(progress.length > 0 && { progress }), cursor: encodeCursor(next), done };
}

/** The last word of each task on its progress, by task. */
function progressIn(entries: readonly LogEntry[]): NonNullable<RunLogs["progress"]> {
  return [...Map.groupBy(entries, ({ task }) => task)].flatMap(([task, lines]) => {
    const newest = newestProgress(lines);
    return newest === undefined ? [] : [{ task, ...newest }];
  });
}

/** @throws Forbidden `output_hidden` */
function requireVisible(principal: Principal, run: RunRecord): void {
  if (!run.hidden.output || seesHidden(principal, run)) return;
  throw new Forbidden(
    "output_hidden",
    `"${run.phase.name}" does not show what programs print to its participants.`,
  );
}

function byTaskAndKind(a: JobRecord, b: JobRecord): number {
  return a.taskIndex - b.taskIndex || (a.kind < b.kind ? -1 : 1);
}

/** By the job's position: all of a run's jobs are planned before the first starts, and a cursor must stay short. */
function encodeCursor(cursors: readonly (string | undefined)[]): string {
  return cursors.map((cursor) => encodeURIComponent(cursor ?? "")).join(",");
}

/** @throws InvalidInput `cursor_invalid` */
function decodeCursor(cursor = ""): (string | undefined)[] {
  try {
    return cursor.split(",").map((part) => (part === "" ? undefined : decodeURIComponent(part)));
  } catch (error) {
    throw new InvalidInput("cursor_invalid", "The cursor is not one this log gave.", { cause: error });
  }
}
