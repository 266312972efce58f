import { randomBytes } from "node:crypto";
import { createReadStream } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { NotFound } from "@benchgen/core/error.ts";
import type { ExpectedContent } from "@benchgen/core/port/content.ts";
import type { Bytes, PartUpload, StoredPart } from "@benchgen/core/ports.ts";
import type { Database, Row } from "../database.ts";
import { writeNewFile } from "./file.ts";

/**
 * Uploads in parts that are under way. Each has a directory of its own, which goes with it, and takes along whatever a
 * killed process left in it; a part is a file of it, written once, and has arrived once it is named here.
 */
const schema = `
  create table if not exists blob_parts (
    id text primary key, key text not null, content_type text, started_at text not null
  ) strict, without rowid;
  create table if not exists blob_part (
    upload text not null, number integer not null, file text not null, size integer not null, sha256 text not null,
    primary key (upload, number)
  ) strict, without rowid;
`;

const readChunkBytes = 1024 * 1024;

/** Which part of which upload. */
export interface PartName {
  readonly upload: string;
  readonly number: number;
}

export class PartStore {
  readonly #database: Database;
  readonly #dir: string;

  /** @param options.dir the data directory */
  constructor(options: { database: Database; dir: string }) {
    this.#database = options.database;
    this.#dir = join(options.dir, "parts");
    this.#database.define(schema);
  }

  start(key: string, contentType: string | undefined, startedAt: string): PartUpload {
    const id = randomBytes(16).toString("hex");
    const sql = "insert into blob_parts (id, key, content_type, started_at) values (?, ?, ?, ?)";
    this.#database.run(sql, id, key, contentType ?? null, startedAt);
    return { key, id };
  }

  /** @throws NotFound when it was completed, aborted, or never begun */
  find({ key, id }: PartUpload): { readonly contentType?: string } {
    const row = this.#database.get("select * from blob_parts where id = ? and key = ?", id, key);
    if (row === undefined) throw new NotFound("upload in parts", key);
    return row["content_type"] === null ? {} : { contentType: String(row["content_type"]) };
  }

  /** @throws NotFound, and what `writeNewFile` throws */
  async accept(
    upload: PartUpload,
    number: number,
    content: Bytes,
    expected: Required<ExpectedContent>,
  ): Promise<void> {
    this.find(upload);
    const file = `${number}-${randomBytes(8).toString("hex")}`;
    await writeNewFile(this.#pathOf(upload, file), content, expected);
    const replaced = this.#database.transaction(() => {
      if (this.#database.get("select id from blob_parts where id = ?", upload.id) === undefined)
        return "gone";
      const before = this.#database.get(
        "select file from blob_part where upload = ? and number = ?",
        upload.id,
        number,
      );
      this.#database.run(
        "replace into blob_part (upload, number, file, size, sha256) values (?, ?, ?, ?, ?)",
        upload.id,
        number,
        file,
        expected.size,
        expected.sha256,
      );
      return before;
    });
    if (replaced === "gone") {
      await this.#removeFiles(upload.id);
      throw new NotFound("upload in parts", upload.key);
    }
    if (replaced !== undefined) await rm(this.#pathOf(upload, String(replaced["file"])), { force: true });
  }

  /** By number. */
  list(upload: PartUpload): StoredPart[] {
    this.find(upload);
    return this.#database
      .all("select * from blob_part where upload = ? order by number", upload.id)
      .map(partOf);
  }

  /** The parts one after the other. @throws NotFound when they go while they are read: someone else was faster */
  async *read(upload: PartUpload, parts: readonly StoredPart[]): AsyncGenerator<Uint8Array> {
    try {
      for (const { tag } of parts)
        yield* createReadStream(this.#pathOf(upload, tag), { highWaterMark: readChunkBytes });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
      throw new NotFound("upload in parts", upload.key);
    }
  }

  async remove(id: string): Promise<void> {
    this.#database.transaction(() => {
      this.#database.run("delete from blob_part where upload = ?", id);
      this.#database.run("delete from blob_parts where id = ?", id);
    });
    await this.#removeFiles(id);
  }

  /** Removes those that nobody ended. */
  async removeStartedBefore(time: string): Promise<void> {
    for (const row of this.#database.all("select id from blob_parts where started_at < ?", time)) {
      await this.remove(String(row["id"]));
    }
  }

  #pathOf(upload: PartUpload, file: string): string {
    return join(this.#dir, upload.id, file);
  }

  async #removeFiles(id: string): Promise<void> {
    await rm(join(this.#dir, id), { recursive: true, force: true });
  }
}

function partOf(row: Row): StoredPart {
  return {
    number: Number(row["number"]),
    size: Number(row["size"]),
    sha256: String(row["sha256"]),
    tag: String(row["file"]),
  };
}
