/** Whether the cases of two runs are the same questions. Pure. */
import type { FileMap, Manifest } from "../bundle/manifest.ts";

/** What of a version decides it. */
export interface DataVersion {
  readonly manifest: Pick<Manifest, "tasks">;
  readonly files: FileMap;
}

export type Comparability =
  | { readonly comparable: true; readonly notes: readonly string[] }
  /** Indexes of tasks with other data, or that one of the runs lacks. */
  | { readonly comparable: false; readonly tasks: readonly number[] };

/**
 * Two versions are comparable in a task when its input data and reference data are the same files, by hash; a task that
 * has neither is known by its scoring program. Another scoring or ingestion program is allowed, and noted.
 * @param tasks indexes of those that both runs ran
 */
export function comparability(
  first: DataVersion,
  other: DataVersion,
  tasks: readonly number[],
): Comparability {
  const different = tasks.filter((index) => dataOf(first, index) !== dataOf(other, index));
  if (different.length > 0) return { comparable: false, tasks: different };
  const notes = (["scoringProgram", "ingestionProgram"] as const).flatMap((program) => {
    const changed = tasks.some((index) => hashOf(first, index, program) !== hashOf(other, index, program));
    const name = program === "scoringProgram" ? "scoring" : "ingestion";
    return changed
      ? [`The ${name} program is another: part of the difference may be its, not the submission's.`]
      : [];
  });
  return { comparable: true, notes };
}

type PathField = "scoringProgram" | "ingestionProgram" | "inputData" | "referenceData";

function dataOf(version: DataVersion, index: number): string {
  const data = [hashOf(version, index, "inputData"), hashOf(version, index, "referenceData")];
  const known = data.every((hash) => hash === null) ? [hashOf(version, index, "scoringProgram")] : data;
  return JSON.stringify(known);
}

function hashOf({ manifest, files }: DataVersion, index: number, field: PathField): string | null {
  const path = manifest.tasks.find((task) => task.index === index)?.[field];
  return path !== undefined && Object.hasOwn(files, path) ? files[path]!.sha256 : null;
}
