import { closeSync, mkdirSync, openSync, statfsSync } from "node:fs";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { SQLInputValue, SQLOutputValue, StatementSync } from "node:sqlite";
import { messageOf, PlatformFault } from "@benchgen/core/error.ts";

export type Row = Record<string, SQLOutputValue>;

/** Raised when the tables change in a way an older program would misread. */
const schemaVersion = 1;

/** How long a statement waits for another process's transaction before it gives up. */
const busyTimeoutMs = 20_000;

// Result codes of SQLite, https://sqlite.org/rescode.html; the low byte of an extended code.
const sqliteCode = { busy: 5, locked: 6, ioError: 10, full: 13 } as const;

/**
 * The one SQLite file of a data directory, shared by the table, the blobs' index, the executions and the events, and
 * by every process that has the directory open. One file means one write-ahead log: what was committed first is never
 * lost while something committed later survives, whichever port wrote it.
 *
 * Every method throws PlatformFault when SQLite itself fails: `disk_full`, `store_busy`, `store_failed`.
 */
export interface Database {
  /** Creates what is missing: statements of the form `create … if not exists`. */
  define(schema: string): void;
  run(sql: string, ...values: SQLInputValue[]): { changes: number };
  get(sql: string, ...values: SQLInputValue[]): Row | undefined;
  all(sql: string, ...values: SQLInputValue[]): Row[];
  /** Rows one by one. The loop must not await, nor run the same SQL again. */
  iterate(sql: string, ...values: SQLInputValue[]): IterableIterator<Row>;
  /**
   * Runs `work` with the write lock held; what it throws undoes everything it wrote. Must not be nested, and `work`
   * must not be asynchronous: everything else this process does would join the transaction.
   */
  transaction<T>(work: () => T): T;
  close(): void;
}

/** Opens `benchgen.db` in the directory, which is created when missing. @throws PlatformFault when it cannot */
export function openDatabase(dir: string): Database {
  const path = join(dir, "benchgen.db");
  const sqlite = guarded(path, () => {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    createPrivately(path);
    return new DatabaseSync(path, { timeout: busyTimeoutMs });
  });
  try {
    guarded(path, () => prepareFile(sqlite));
  } catch (error) {
    sqlite.close();
    throw error;
  }
  return databaseOver(sqlite, path);
}

/**
 * SQLite gives its side files the mode of this one. Created exclusively: were it there, opening and closing it would free
 * the POSIX locks this process may hold on it.
 */
function createPrivately(path: string): void {
  try {
    closeSync(openSync(path, "wx", 0o600));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
}

function prepareFile(sqlite: DatabaseSync): void {
  // NORMAL syncs at checkpoints: a killed process loses nothing; a power cut may lose the last moments, never tear them.
  sqlite.exec("pragma journal_mode = wal; pragma synchronous = normal; pragma foreign_keys = on");
  const { user_version: found } = sqlite.prepare("pragma user_version").get() as { user_version: number };
  if (found > schemaVersion) {
    throw new PlatformFault(
      "store_too_new",
      `The data directory was written by a newer benchgen (format ${found}; this one knows ${schemaVersion}).`,
      { hint: "Update benchgen, or choose another directory with --home." },
    );
  }
  if (found < schemaVersion) sqlite.exec(`pragma user_version = ${schemaVersion}`);
}

function databaseOver(sqlite: DatabaseSync, path: string): Database {
  const statements = new Map<string, StatementSync>();
  const statement = (sql: string): StatementSync => {
    const known = statements.get(sql);
    if (known !== undefined) return known;
    const prepared = sqlite.prepare(sql);
    statements.set(sql, prepared);
    return prepared;
  };
  const transaction = <T>(work: () => T): T => {
    guarded(path, () => sqlite.exec("begin immediate"));
    try {
      const result = work();
      guarded(path, () => sqlite.exec("commit"));
      return result;
    } catch (error) {
      // SQLite has already rolled back by itself after some failures, a full disk among them.
      if (sqlite.isTransaction) sqlite.exec("rollback");
      throw error;
    }
  };
  return {
    define: (schema) => transaction(() => guarded(path, () => sqlite.exec(schema))),
    run: (sql, ...values) =>
      guarded(path, () => ({ changes: Number(statement(sql).run(...values).changes) })),
    get: (sql, ...values) => guarded(path, () => statement(sql).get(...values)),
    all: (sql, ...values) => guarded(path, () => statement(sql).all(...values)),
    *iterate(sql, ...values) {
      try {
        yield* statement(sql).iterate(...values);
      } catch (error) {
        throw faultOf(error, path);
      }
    },
    transaction,
    close: () => {
      if (sqlite.isOpen) sqlite.close();
    },
  };
}

/** Turns SQLite's own failures into platform faults that say what to do. */
function guarded<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw faultOf(error, path);
  }
}

function faultOf(error: unknown, path: string): unknown {
  const { code, errcode } = error as { code?: unknown; errcode?: number };
  if (code === "ERR_SQLITE_ERROR") {
    const sqlite = (errcode ?? 0) & 0xff;
    // Side files are mapped into memory, where a full disk is an I/O error like any other.
    switch (sqlite === sqliteCode.ioError && isFull(path) ? sqliteCode.full : sqlite) {
      case sqliteCode.full:
        return new PlatformFault("disk_full", `The disk is full: cannot write ${path}.`, {
          hint: "Free some space; nothing was changed.",
          cause: error,
        });
      case sqliteCode.busy:
      case sqliteCode.locked:
        return new PlatformFault("store_busy", `Another process kept ${path} locked for too long.`, {
          hint: "Try again; if it lasts, look for a stuck benchgen process.",
          cause: error,
        });
      default:
        return new PlatformFault("store_failed", `Cannot use ${path}: ${messageOf(error)}.`, {
          cause: error,
        });
    }
  }
  if (typeof code === "string" && /^E[A-Z]+$/.test(code)) {
    return new PlatformFault("store_failed", `Cannot open ${path}: ${messageOf(error)}.`, { cause: error });
  }
  return error;
}

/** Whether the file system has no room left. */
function isFull(path: string): boolean {
  try {
    return statfsSync(dirname(path)).bavail < 16;
  } catch {
    return false;
  }
}
