/** What the steps after a job share: its outcome, and the writes that move its task. */
import { PlatformFault } from "../error.ts";
import { type JobReference, readOutcome } from "../job/outcome.ts";
import type { Json, Ports, WriteOperation } from "../ports.ts";
import { tableKey } from "../record/key.ts";
import { readRecord, toAttributes } from "../record/record.ts";
import { writeIf } from "../record/write.ts";
import type { RunId } from "../wire/id.ts";
import type { JobOutcome } from "../wire/job.ts";
import type { Reason } from "../wire/reason.ts";
import { type TaskStatus, allowedFrom, taskMoves } from "../wire/status.ts";
import { type JobRecord, jobRecordSchema } from "./record.ts";

/** @throws PlatformFault `outcome_missing` */
export async function requireOutcome(ports: Pick<Ports, "blobs">, job: JobReference): Promise<JobOutcome> {
  const outcome = await readOutcome(ports, job);
  if (outcome !== undefined) return outcome;
  throw new PlatformFault(
    "outcome_missing",
    `The ${job.kind} job of task ${job.taskIndex} ended without reporting an outcome.`,
  );
}

/** Writes to a task, unless it is over. False when it is. */
export async function updateTask(
  ports: Pick<Ports, "table">,
  runId: RunId,
  index: number,
  status: TaskStatus,
  change: { readonly [attribute: string]: Json },
): Promise<boolean> {
  return writeIf(ports.table, [
    {
      kind: "update",
      key: tableKey.task(runId, index),
      set: { ...change, status },
      conditions: [
        { kind: "exists" },
        { kind: "oneOf", attribute: "status", values: allowedFrom(taskMoves, status) },
      ],
    },
  ]);
}

/** Ends a task as failed, with its reason. */
export async function failTask(
  ports: Pick<Ports, "table" | "clock">,
  runId: RunId,
  index: number,
  reason: Reason,
  change: object = {},
): Promise<void> {
  const endedAt = ports.clock.now().toISOString();
  await updateTask(ports, runId, index, "failed", toAttributes({ ...change, reason, endedAt }));
}

/** Closes the job's token: nothing of the job needs it any more. */
export async function sealJob(
  ports: Pick<Ports, "table">,
  { runId, taskIndex, kind }: JobReference,
): Promise<void> {
  const job = await readRecord(ports.table, tableKey.job(runId, taskIndex, kind), jobRecordSchema);
  if (job === undefined) return;
  await ports.table.write(sealOperations(job));
}

/** Ends what the tokens of a job and of its programs open. */
export function sealOperations({
  tokenHash,
  gatewayHashes,
}: Pick<JobRecord, "tokenHash" | "gatewayHashes">): WriteOperation[] {
  return [
    { kind: "delete", key: tableKey.jobToken(tokenHash) },
    ...gatewayHashes.map((hash) => ({ kind: "delete" as const, key: tableKey.gatewayToken(hash) })),
  ];
}
