/** What is said to whoever asks for files of a run that were deleted some time after its end. */
import { NotFound } from "../error.ts";
import type { Ports } from "../ports.ts";
import { type RunId, isId } from "../wire/id.ts";
import { blobKey } from "../wire/key.ts";

export function filesDeleted(runId: RunId): NotFound {
  return new NotFound(
    "case or output left of run",
    runId,
    "Files of runs are deleted some time after their end here; scores stay. Run it again with: benchgen retry",
  );
}

/** The run whose file it was that a store does not have; undefined for any other error. Pure. */
export function runOfMissingFile({ details: { what, ref } }: NotFound): RunId | undefined {
  const id = what === "blob" ? /^runs\/([^/]+)\//.exec(String(ref))?.[1] : undefined;
  return id !== undefined && isId("run", id) ? id : undefined;
}

/**
 * For what is streamed, and can say nothing any more once it has begun.
 * @param tasks those that reported cases
 * @throws NotFound when their cases are gone
 */
export async function requireCasesKept(
  { blobs }: { readonly blobs: Pick<Ports["blobs"], "head"> },
  runId: RunId,
  [first]: readonly { readonly index: number }[],
): Promise<void> {
  if (first === undefined) return;
  if ((await blobs.head(blobKey.cases(runId, first.index, "summary.jsonl"))) === undefined) {
    throw filesDeleted(runId);
  }
}
