import type { Database } from "../database.ts";

/**
 * Deletes items whose `expiresAt` has passed, at most so many at once: others wait for the write lock meanwhile.
 * @param now milliseconds since the epoch
 * @returns how many it deleted
 */
export function deleteExpired(database: Database, now: number, maxRows: number): number {
  const sql = "delete from item where rowid in (select rowid from item where expires_at < ? limit ?)";
  return database.run(sql, now / 1000, maxRows).changes;
}

/** @param now milliseconds since the epoch */
export function countExpired(database: Database, now: number): number {
  return Number(
    database.get("select count(*) as count from item where expires_at < ?", now / 1000)!["count"],
  );
}
