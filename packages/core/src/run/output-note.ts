/** What of a job's output could not be kept, so that nobody looks for it in vain. Pure. */
import type { JobKind, JobOutcome } from "../wire/job.ts";
import type { RunRecord } from "./record.ts";

/** Files that are named; a program may leave any number. */
const maxNamed = 5;

/** @param run names are output too, and told only where the phase shows it */
export function outputNotes(
  { hidden }: Pick<RunRecord, "hidden">,
  kind: JobKind,
  { output }: Pick<JobOutcome, "output">,
): string[] {
  const skipped = output?.skipped ?? [];
  if (skipped.length === 0) return [];
  const programs = kind === "concurrent" ? "programs" : `${kind} program`;
  if (isAnyHidden(hidden)) return [`Not everything that the ${programs} left could be kept.`];
  const named = skipped.slice(0, maxNamed).join(", ");
  const more = skipped.length > maxNamed ? ", and more" : "";
  return [`Of what the ${programs} left, this was not kept: ${named}${more}.`];
}

/** For a file of cases that is not where it is read from. @param path of it; undefined: there is none */
export function misplacedNotes({ hidden }: Pick<RunRecord, "hidden">, path: string | undefined): string[] {
  if (path === undefined) return [];
  const found = isAnyHidden(hidden) ? "what it left" : `"${path}"`;
  return [`Cases are read from a file results.jsonl at the top of the output, which ${found} is not.`];
}

function isAnyHidden(hidden: RunRecord["hidden"]): boolean {
  return Object.values(hidden).some(Boolean);
}
