import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

const lockExtension = ".lock";
/** Another process's probe holds a lock file for microseconds. */
const lockTimeoutMs = 5000;
const sqliteBusy = 5;

/** Locks are dropped when their handle is collected as garbage: a process that forgets its owner still lives. */
const held = new Set<DatabaseSync>();

/**
 * One process's claim on its work in a data directory. It holds a lock that the kernel frees when the process ends,
 * however it ends: whoever finds work of an owner that is no longer alive may take it over.
 */
export interface Owner {
  /** Never used again by another. */
  readonly id: string;
  /** Whether the owner of that id holds its lock at this moment. */
  isAlive(id: string): boolean;
  /** Gives the claim up. */
  close(): void;
}

/**
 * The lock is an exclusive transaction on an empty SQLite file: Node has no file locks of its own. Nothing else may
 * ever open these files within this process: closing any handle on a file frees the POSIX locks of the process on it.
 */
export function openOwner(dir: string): Owner {
  const owners = join(dir, "owners");
  mkdirSync(owners, { recursive: true, mode: 0o700 });
  const id = randomUUID();
  const path = join(owners, `${id}${lockExtension}`);
  // Locked under another name first: nobody can see the lock file while it is not held yet.
  const draft = join(owners, `${id}.new`);
  const lock = new DatabaseSync(draft, { timeout: lockTimeoutMs });
  try {
    // Nothing is ever written, so nothing need be kept to undo it.
    lock.exec("pragma journal_mode = memory; begin exclusive");
    renameSync(draft, path);
  } catch (error) {
    lock.close();
    rmSync(draft, { force: true });
    throw error;
  }
  held.add(lock);
  return {
    id,
    isAlive: (other) => isAlive(dir, other),
    close: () => {
      if (!held.delete(lock)) return;
      rmSync(path, { force: true });
      lock.close();
    },
  };
}

/** Whether a process that opened this directory under that id still runs. */
export function isAlive(dir: string, id: string): boolean {
  const path = join(dir, "owners", `${id}${lockExtension}`);
  if (!existsSync(path)) return false;
  let probe: DatabaseSync | undefined;
  try {
    // A shared lock: two probes at once do not take each other for an owner.
    probe = new DatabaseSync(path, { timeout: 0, readOnly: true });
    probe.prepare("select count(*) from sqlite_schema").get();
    return false;
  } catch (error) {
    if ((error as { errcode?: number }).errcode === sqliteBusy) return true;
    // Removed between the two steps: its owner has just closed.
    if (!existsSync(path)) return false;
    throw error;
  } finally {
    probe?.close();
  }
}

/** Removes the lock files of owners that are gone, and returns their ids. */
export function removeDeadOwners(dir: string): string[] {
  const owners = join(dir, "owners");
  if (!existsSync(owners)) return [];
  const ids = readdirSync(owners)
    .filter((name) => name.endsWith(lockExtension))
    .map((name) => name.slice(0, -lockExtension.length));
  const dead = ids.filter((id) => !isAlive(dir, id));
  for (const id of dead) rmSync(join(owners, `${id}${lockExtension}`), { force: true });
  return dead;
}
