/**
 * Names of blobs, only ever made and read here. Keys of the table are in `record/key.ts`.
 * Content-addressed blobs are shared by versions and never change; run blobs belong to one run.
 */
import type { JobFile, JobKind } from "./job.ts";
import type { RunId, UploadId } from "./id.ts";
import { isId } from "./id.ts";

/** What every upload's key begins with. */
export const uploadPrefix = "uploads/";

/** What the key of all content begins with. */
export const contentPrefix = "blobs/";

/** How long a store keeps, at least, what was made for one answer, seconds. */
export const madeLifeSeconds = 86_400;

export const blobKey = {
  /** Where a client PUTs; expires. */
  upload: (uploadId: UploadId) => `${uploadPrefix}${uploadId}.zip`,
  /** What the check of a bundle found, until it is published. */
  checked: (uploadId: UploadId) => `checked/${uploadId}.json`,
  /** An answer that is too long to be delivered as one; expires. */
  made: (name: string) => `made/${name}`,
  /** Programs, data, pages, submissions. */
  content: (sha256: string) => `${contentPrefix}${sha256}`,
  jobFile: (runId: RunId, taskIndex: number, kind: JobKind, file: JobFile | "outcome.json") =>
    `runs/${runId}/tasks/${taskIndex}/${kind}/${file}`,
  detailedResults: (runId: RunId, taskIndex: number) =>
    `runs/${runId}/tasks/${taskIndex}/detailed_results.html`,
  results: (runId: RunId, taskIndex: number) => `runs/${runId}/tasks/${taskIndex}/results.jsonl`,
  /** What is made of a task's results.jsonl: summaries of all cases and of some, indexes, numbers by column, and what was wrong. */
  cases: (runId: RunId, taskIndex: number, part: CasePart) =>
    `runs/${runId}/tasks/${taskIndex}/cases.${part}`,
  report: (runId: RunId) => `runs/${runId}/report.json`,
  failures: (runId: RunId) => `runs/${runId}/failures.json`,
  /** Calls to models, one JSON object a line. */
  calls: (runId: RunId, taskIndex: number) => `runs/${runId}/tasks/${taskIndex}/calls.jsonl`,
  runPrefix: (runId: RunId) => `runs/${runId}/`,
};

/** The blobs of a task's cases; a section is named by its position in the directory. */
export type CasePart =
  "summary.jsonl" | "ids" | "words" | "columns" | "problems.json" | `section-${number}.jsonl`;

/** The upload a created object belongs to; undefined for every other key. */
export function parseUploadKey(key: string): UploadId | undefined {
  const id = /^uploads\/(.+)\.zip$/.exec(key)?.[1];
  return id !== undefined && isId("upload", id) ? id : undefined;
}
