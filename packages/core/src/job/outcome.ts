/** How a job ended, as it reported it: stored beside its other files, last of all and once. */
import { createHash } from "node:crypto";
import type { Ports } from "../ports.ts";
import type { JobRecord } from "../run/record.ts";
import { type JobOutcome, jobOutcomeSchema } from "../wire/job.ts";
import { blobKey } from "../wire/key.ts";

/** Which job of a run it is. */
export type JobReference = Pick<JobRecord, "runId" | "taskIndex" | "kind">;

/** Far above what stage-out writes. */
const maxOutcomeBytes = 1024 * 1024;

function keyOf({ runId, taskIndex, kind }: JobReference): string {
  return blobKey.jobFile(runId, taskIndex, kind, "outcome.json");
}

/** Stores the outcome, unless there is one: the first counts, for the files are those it names. */
export async function keepOutcome(
  ports: Pick<Ports, "blobs">,
  job: JobReference,
  outcome: JobOutcome,
): Promise<void> {
  const bytes = new TextEncoder().encode(JSON.stringify(outcome));
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  const options = { sha256, size: bytes.length, contentType: "application/json", ifAbsent: true };
  await ports.blobs.put(keyOf(job), bytes, options);
}

/** Whether the job has reported. */
export async function hasOutcome(ports: Pick<Ports, "blobs">, job: JobReference): Promise<boolean> {
  return (await ports.blobs.head(keyOf(job))) !== undefined;
}

/** The outcome a job reported; undefined when it has not. */
export async function readOutcome(
  ports: Pick<Ports, "blobs">,
  job: JobReference,
): Promise<JobOutcome | undefined> {
  const bytes = await ports.blobs.get(keyOf(job), { maxBytes: maxOutcomeBytes });
  if (bytes === undefined) return undefined;
  return jobOutcomeSchema.parse(JSON.parse(new TextDecoder().decode(bytes)));
}
