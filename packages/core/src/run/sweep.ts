/** Makes good what a crash left half done. Runs at start-up and every few minutes; every part may be repeated. */
import { ignoreNotFound } from "../error.ts";
import { partition, tableKey } from "../record/key.ts";
import type { Ports } from "../ports.ts";
import { deleteExpiredBytes, expireUpload, rejectUpload } from "../upload/end.ts";
import { loadUpload } from "../upload/record.ts";
import type { Finding } from "../wire/finding.ts";
import type { RunId, UploadId } from "../wire/id.ts";
import { blobKey } from "../wire/key.ts";
import { isTerminal, runMoves } from "../wire/status.ts";
import { type RunEnd, finishRun } from "./finish.ts";
import { loadRun } from "./record.ts";
import { readCause } from "./step-error.ts";

type SweepPorts = Omit<Ports, "logs" | "secrets" | "upstream">;

export interface SweepReport {
  readonly runs: number;
  readonly uploads: number;
}

export interface SweepOptions {
  /** What is done about an upload whose bytes arrived and that went no further: all of `receiveUpload`, or its first step. */
  readonly receive: (id: UploadId) => Promise<unknown>;
  /** Told of work that could not be made good; the sweep goes on with the rest. */
  readonly onError: (what: string, error: unknown) => void;
  /** Younger work is left to whoever is doing it. Default: 60. */
  readonly graceSeconds?: number;
  /** How long a check of an upload may take before it is begun again. Default: 0. */
  readonly checkSeconds?: number;
}

/**
 * Looks at all work that is marked as open: starts runs whose workflow never started, ends those whose workflow is
 * over, continues uploads that were interrupted, expires those whose bytes never came, and deletes what is kept no
 * longer.
 */
export async function sweep(ports: SweepPorts, options: SweepOptions): Promise<SweepReport> {
  const { onError, graceSeconds = 60 } = options;
  let runs = 0;
  let uploads = 0;
  for await (const id of openWork(ports, "RUN", graceSeconds)) {
    await sweepRun(ports, id as RunId).catch((error: unknown) => onError(id, error));
    runs++;
  }
  for await (const id of openWork(ports, "UPLOAD", graceSeconds)) {
    await sweepUpload(ports, id as UploadId, options).catch((error: unknown) => onError(id, error));
    uploads++;
  }
  await deleteExpiredBytes(ports).catch((error: unknown) => onError("expired uploads", error));
  return { runs, uploads };
}

/** One open run. */
async function sweepRun(ports: SweepPorts, id: RunId): Promise<void> {
  const run = await loadRun(ports.table, id).catch(ignoreNotFound);
  if (run === undefined) return ports.table.write([{ kind: "delete", key: tableKey.open("RUN", id) }]);
  if (isTerminal(runMoves, run.status)) {
    // Ended, but not everything that follows from it was done.
    return finishRun(ports, id, { status: run.status as RunEnd["status"] });
  }
  const execution = await ports.workflow.describe(id);
  if (execution === undefined) return ports.workflow.start(id, { runId: id });
  if (execution.status === "running") return undefined;
  return finishRun(ports, id, endOfExecution(execution));
}

/** The end of a run whose workflow is over without having written one. Pure. */
export function endOfExecution(execution: {
  readonly status: string;
  readonly error?: string;
  readonly cause?: string;
}): RunEnd {
  if (execution.status === "timed_out") {
    const message = "The run took longer than the platform allows.";
    return { status: "timed_out", reason: { code: "timed_out", message } };
  }
  const cause = readCause(execution.cause ?? "");
  const why = cause.message === "" ? (execution.error ?? "no reason was recorded") : cause.message;
  return {
    status: "failed",
    reason: {
      code: "platform_fault",
      message: `The run's workflow ended as ${execution.status}: ${why}`,
      hint: "Run it again with: benchgen retry",
    },
  };
}

async function sweepUpload(ports: SweepPorts, id: UploadId, options: SweepOptions): Promise<void> {
  const upload = await loadUpload(ports.table, id).catch(ignoreNotFound);
  const isLate = upload === undefined || upload.usableUntil <= ports.clock.now().toISOString();
  // What is being checked is checked to its end: nothing else may follow.
  if (upload === undefined || (isLate && upload.status !== "checking")) return expireUpload(ports, id);
  const latest = secondsBefore(ports, options.checkSeconds ?? 0);
  if (upload.status === "checking" && (upload.checkingAt ?? "") > latest) return;
  if ((await ports.blobs.head(blobKey.upload(id))) !== undefined) await options.receive(id);
  else if (isLate) await rejectUpload(ports, upload, [neverChecked]);
}

const neverChecked: Finding = {
  level: "error",
  code: "upload.never_checked",
  message: "It was not checked while it was kept: the platform failed.",
  hint: "Send it again.",
};

async function* openWork(
  ports: SweepPorts,
  noun: "RUN" | "UPLOAD",
  graceSeconds: number,
): AsyncGenerator<string> {
  const latest = secondsBefore(ports, graceSeconds);
  let cursor: string | undefined;
  do {
    const page = await ports.table.query({
      ...partition.open(noun),
      ...(cursor === undefined ? {} : { cursor }),
    });
    for (const item of page.items) {
      const { since } = item;
      if (typeof since === "string" && since <= latest) yield item.sk;
    }
    cursor = page.cursor;
  } while (cursor !== undefined);
}

function secondsBefore(ports: Pick<Ports, "clock">, seconds: number): string {
  return new Date(ports.clock.now().getTime() - seconds * 1000).toISOString();
}
