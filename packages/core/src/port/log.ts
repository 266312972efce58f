/** What is read of a job's log, and whose it is. */
import type { JobId, RunId } from "../wire/id.ts";
import type { JobKind } from "../wire/job.ts";

export interface LogLine {
  /** Milliseconds since the epoch, when the line was captured. */
  readonly at: number;
  readonly stream: "stdout" | "stderr" | "system";
  /** Without its line end. Untrusted: may hold terminal escapes. */
  readonly text: string;
}

/** A job by its id, and by what its files are named after. */
export interface LoggedJob {
  readonly runId: RunId;
  readonly jobId: JobId;
  readonly taskIndex: number;
  readonly kind: JobKind;
}
