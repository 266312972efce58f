/**
 * Content is relied upon or deleted, never both: one item of the table for each content, which both sides change on
 * condition.
 *
 * Content-addressed blobs are found to be there before anything names them, and neither a store of objects nor a table
 * can look at "nothing names it" and delete in one step. So whoever is about to name content says so first
 * (`useContent`), and only then looks whether it is there or puts it. Whoever deletes reads first what is named, then
 * sets the item to "being deleted", on condition that nobody said so for `useSeconds`, then deletes, then removes
 * the item. Nothing named is lost, because of each use U and each deletion D of the same content:
 *
 * - U before D began, by less than `useSeconds`: D's condition fails.
 * - U before D began, by more: what U was for was named by then, or never will be. A function on AWS names what it uses
 *   within its 15 minutes, and on one machine nobody has the bytes of an upload for so long. Names are read after that
 *   and before D begins, so D has seen it. An upload that is still under check moves the condition back to the
 *   time when it was announced, whatever the clocks say.
 * - U while D is under way: U's condition fails, and it waits.
 * - U after D: the blob is gone, and U puts it.
 *
 * An upload names its own content from before its check until a week after a submission can last be made of it: so D
 * sees the one or the other. A process that dies while it deletes leaves its mark: after `deletionSeconds` it counts for
 * nothing. How old content is plays no part in this.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { PlatformFault } from "../error.ts";
import type { Clock, Condition, Table } from "../ports.ts";
import { tableKey } from "../record/key.ts";
import { writeIf } from "../record/write.ts";
import { uploadLifeSeconds } from "../upload/record.ts";

/** A day longer than the bytes of an upload are kept: longer than there can be between use and name. */
export const useSeconds = uploadLifeSeconds + 86_400;

/** No process that deletes lives longer than its mark: Lambda ends a function after that time. */
const deletionSeconds = 900;

export interface UsePorts {
  readonly table: Pick<Table, "write">;
  readonly clock: Clock;
}

/** With the waits between them two seconds: deleting one blob takes some milliseconds, on AWS some hundred. */
const attempts = 14;
const longestWaitMs = 250;

/**
 * Says that the caller is about to rely on content: before it looks whether it is there, or puts it, and before it names it.
 * @throws PlatformFault `content_in_deletion` when it is still being deleted after seconds: who did so has died. Try again.
 */
export async function useContent(ports: UsePorts, sha256: string): Promise<void> {
  for (let attempt = 1; attempt <= attempts; attempt++) {
    const now = secondsNow(ports);
    const used = await writeIf(ports.table, [
      {
        kind: "update",
        key: tableKey.contentUse(sha256),
        set: { usedAt: now, expiresAt: now + useSeconds },
        remove: ["deletingAt"],
        conditions: [notInDeletion(now)],
      },
    ]);
    if (used) return;
    await sleep(Math.min(longestWaitMs, 2 ** attempt));
  }
  throw new PlatformFault("content_in_deletion", `The content ${sha256} is just being deleted.`, {
    hint: "Try again in a quarter of an hour.",
  });
}

export interface Deletion {
  readonly sha256: string;
  /** Nobody has said since then that it relies on it; seconds since the epoch. */
  readonly unusedSince: number;
  /** Looks, and deletes nothing. */
  readonly countOnly: boolean;
}

/**
 * Deletes content that nothing names, unless somebody relies on it or another process is deleting it.
 * @returns whether it did
 */
export async function deleteUnused(
  ports: UsePorts,
  { sha256, unusedSince, countOnly }: Deletion,
  deleteBlob: () => Promise<void>,
): Promise<boolean> {
  const key = tableKey.contentUse(sha256);
  const now = secondsNow(ports);
  const conditions = [
    { kind: "below", attribute: "usedAt", value: unusedSince } as const,
    notInDeletion(now),
  ];
  if (countOnly) return writeIf(ports.table, [{ kind: "check", key, conditions }]);
  const set = { deletingAt: now, expiresAt: now + useSeconds };
  if (!(await writeIf(ports.table, [{ kind: "update", key, set, conditions }]))) return false;
  // A machine that slept in between: the mark may count for nothing by now.
  if (secondsNow(ports) - now > deletionSeconds / 2) return false;
  await deleteBlob();
  const own: Condition = { kind: "equals", attribute: "deletingAt", value: now };
  await writeIf(ports.table, [{ kind: "delete", key, conditions: [own] }]);
  return true;
}

function notInDeletion(now: number): Condition {
  return { kind: "below", attribute: "deletingAt", value: now - deletionSeconds };
}

function secondsNow({ clock }: UsePorts): number {
  return Math.floor(clock.now().getTime() / 1000);
}
