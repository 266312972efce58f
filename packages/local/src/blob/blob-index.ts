import { rmSync } from "node:fs";
import { join } from "node:path";
import { prefixEnd } from "@benchgen/core/port/range.ts";
import type { BlobHead } from "@benchgen/core/ports.ts";
import type { Database, Row } from "../database.ts";

/**
 * What each key names: a file of its own, never written again. A blob comes into being, is replaced and disappears by
 * one transaction here, so readers see the old one or the new one, keys need not be file names, and listing is a range
 * of an index. `blob_scrap` names the files no key names, not yet or no longer: whatever a killed process leaves
 * behind is found there. `blob_created` holds uploads that are stored but were not announced yet.
 */
const schema = `
  create table if not exists blob (
    key text primary key, file text not null, size integer not null, sha256 text, content_type text,
    modified_at text not null
  ) strict, without rowid;
  create table if not exists blob_scrap (file text primary key, owner text not null) strict, without rowid;
  create table if not exists blob_created (key text primary key, owner text not null) strict, without rowid;
`;

export interface StoredBlob extends BlobHead {
  /** Name of its file. */
  readonly file: string;
}

export class BlobIndex {
  readonly #database: Database;
  readonly #dir: string;
  readonly #owner: string;

  /** @param options.owner whose scraps are not to be touched while it is alive */
  constructor(options: { database: Database; dir: string; owner: string }) {
    this.#database = options.database;
    this.#dir = join(options.dir, "objects");
    this.#owner = options.owner;
    this.#database.define(schema);
  }

  /** Spread over directories: some file systems slow down with many files in one. */
  pathOf(file: string): string {
    return join(this.#dir, file.slice(0, 2), file);
  }

  find(key: string): StoredBlob | undefined {
    const row = this.#database.get("select * from blob where key = ?", key);
    return row === undefined ? undefined : blobOf(row);
  }

  /** Up to `limit` blobs with that prefix after the key `after`, in bytewise order. */
  list(prefix: string, after: string | undefined, limit: number): StoredBlob[] {
    const end = prefixEnd(prefix);
    const clauses = [after === undefined ? "key >= ?" : "key > ?", ...(end === undefined ? [] : ["key < ?"])];
    const values = end === undefined ? [after ?? prefix] : [after ?? prefix, end];
    const sql = `select * from blob where ${clauses.join(" and ")} order by key limit ?`;
    return this.#database.all(sql, ...values, limit).map(blobOf);
  }

  /** Announces a file that is about to be written. */
  begin(file: string): void {
    this.#database.run("insert into blob_scrap (file, owner) values (?, ?)", file, this.#owner);
  }

  /**
   * Makes the key name the file, and drops the file it named before.
   * @returns false when `ifAbsent` is set and the key was taken; the new file is then still a scrap
   */
  commit(blob: StoredBlob, options: { ifAbsent: boolean; announce: boolean }): boolean {
    const committed = this.#database.transaction(() => {
      const replaced = this.find(blob.key);
      if (replaced !== undefined && options.ifAbsent) return false;
      this.#database.run("delete from blob_scrap where file = ?", blob.file);
      this.#database.run(
        "replace into blob (key, file, size, sha256, content_type, modified_at) values (?, ?, ?, ?, ?, ?)",
        blob.key,
        blob.file,
        blob.size,
        blob.sha256 ?? null,
        blob.contentType ?? null,
        blob.modifiedAt,
      );
      if (options.announce) {
        this.#database.run("replace into blob_created (key, owner) values (?, ?)", blob.key, this.#owner);
      }
      if (replaced !== undefined) this.begin(replaced.file);
      return { replaced };
    });
    if (committed === false) return false;
    if (committed.replaced !== undefined) this.discard(committed.replaced.file);
    return true;
  }

  remove(key: string): void {
    const removed = this.#database.transaction(() => {
      const blob = this.find(key);
      if (blob === undefined) return undefined;
      this.#database.run("delete from blob where key = ?", key);
      this.begin(blob.file);
      return blob;
    });
    if (removed !== undefined) this.discard(removed.file);
  }

  /** Deletes a file no key names. */
  discard(file: string): void {
    rmSync(this.pathOf(file), { force: true });
    this.#database.run("delete from blob_scrap where file = ?", file);
  }

  announced(key: string): void {
    this.#database.run("delete from blob_created where key = ?", key);
  }

  /** Deletes the files that owners left behind that are gone. */
  cleanUp(isAlive: (owner: string) => boolean): void {
    for (const row of this.#orphans("select file, owner from blob_scrap", isAlive)) {
      this.discard(String(row["file"]));
    }
  }

  /** Makes this owner the one to announce what owners stored that are gone. @returns the keys */
  takeOver(isAlive: (owner: string) => boolean): string[] {
    return this.#database.transaction(() => {
      const keys = this.#orphans("select key, owner from blob_created", isAlive).map((row) =>
        String(row["key"]),
      );
      for (const key of keys) {
        this.#database.run("update blob_created set owner = ? where key = ?", this.#owner, key);
      }
      return keys;
    });
  }

  #orphans(sql: string, isAlive: (owner: string) => boolean): Row[] {
    return this.#database
      .all(sql)
      .filter((row) => row["owner"] !== this.#owner && !isAlive(String(row["owner"])));
  }
}

function blobOf(row: Row): StoredBlob {
  return {
    key: String(row["key"]),
    file: String(row["file"]),
    size: Number(row["size"]),
    modifiedAt: String(row["modified_at"]),
    ...(row["sha256"] === null ? {} : { sha256: String(row["sha256"]) }),
    ...(row["content_type"] === null ? {} : { contentType: String(row["content_type"]) }),
  };
}
