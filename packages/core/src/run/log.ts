/** What a run's programs print, while they print it and after. */
import type { Principal } from "../access/principal.ts";
import { Forbidden, InvalidInput } from "../error.ts";
import type { Ports } from "../ports.ts";
import type { LogEntry } from "../wire/api.ts";
import type { RunId } from "../wire/id.ts";
import { isTerminal, runMoves } from "../wire/status.ts";
import { loadOwnRun, seesHidden } from "./read.ts";
import { type JobRecord, type RunRecord, loadJobs } from "./record.ts";

export interface LogPage {
  /** By job, in the order of tasks and jobs; within a job as printed. */
  readonly entries: LogEntry[];
  /** Always there: ask again with it for what comes next. */
  readonly cursor: string;
  /** The run is over and everything it printed has been read. */
  readonly done: boolean;
}

/**
 * The next lines of all of a run's jobs.
 * @throws Forbidden `output_hidden` to participants of a phase that hides its output
 */
export async function readRunLogs(
  ports: Pick<Ports, "table" | "logs">,
  principal: Principal,
  runId: RunId,
  query: { cursor?: string | undefined; limit: number },
): Promise<LogPage> {
  const run = await loadOwnRun(ports, principal, runId);
  requireVisible(principal, run);
  const jobs = await loadJobs(ports.table, runId);
  const cursors = decodeCursor(query.cursor);
  const entries: LogEntry[] = [];
  const next: Record<string, string> = {};
  for (const job of jobs.sort(byTaskAndKind)) {
    const before = cursors[job.id];
    const room = query.limit - entries.length;
    if (room <= 0) {
      if (before !== undefined) next[job.id] = before;
      continue;
    }
    const read = await ports.logs.read(
      { runId, jobId: job.id },
      { limit: room, ...(before === undefined ? {} : { cursor: before }) },
    );
    next[job.id] = read.cursor;
    for (const line of read.lines) entries.push({ task: job.taskIndex, job: job.kind, ...line });
  }
  // The status was read first: a run that was over then prints nothing more.
  const done = isTerminal(runMoves, run.status) && entries.length === 0;
  return { entries, cursor: encodeCursor(next), done };
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

function encodeCursor(cursors: Readonly<Record<string, string>>): string {
  return Buffer.from(JSON.stringify(cursors)).toString("base64url");
}

/** @throws InvalidInput `cursor_invalid` */
function decodeCursor(cursor: string | undefined): Record<string, string> {
  if (cursor === undefined || cursor === "") return {};
  try {
    const parsed: unknown = JSON.parse(Buffer.from(cursor, "base64url").toString());
    const entries = Object.entries(parsed as object).filter(([, value]) => typeof value === "string");
    return Object.fromEntries(entries) as Record<string, string>;
  } catch (error) {
    throw new InvalidInput("cursor_invalid", "The cursor is not one this log gave.", { cause: error });
  }
}
