import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { BlobHead, Blobs } from "@benchgen/core/ports.ts";
import { newKey, sha256Of } from "./blob.ts";

/** What every Blobs must do, its signed URLs apart (signed-url.contract.ts). `open` may give the same store each time. */
export function blobsContract(
  name: string,
  open: () => Promise<{ blobs: Blobs; close: () => Promise<void> }>,
): void {
  describe(`Blobs: ${name}`, () => {
    let blobs: Blobs;
    let close: () => Promise<void>;
    beforeAll(async () => {
      ({ blobs, close } = await open());
    });
    afterAll(async () => {
      await close();
    });

    describe("put, get, stream, head", () => {
      it("gives back what was put, whole and in ranges", async () => {
        const key = newKey();
        const content = randomBytes(700_000);
        const sha256 = sha256Of(content);
        expect(await blobs.put(key, content, { sha256, contentType: "application/zip" })).toBe(true);
        expect(await blobs.get(key)).toEqual(content);
        expect(await blobs.head(key)).toMatchObject({
          key,
          size: 700_000,
          sha256,
          contentType: "application/zip",
        });
        expect(await whole(blobs.stream(key))).toEqual(content);
        expect(await whole(blobs.stream(key, { start: 5, end: 600_000 }))).toEqual(
          content.subarray(5, 600_000),
        );
        expect(await whole(blobs.stream(key, { start: 699_999 }))).toEqual(content.subarray(699_999));
        expect(await whole(blobs.stream(key, { end: 1 }))).toEqual(content.subarray(0, 1));
        expect(await whole(blobs.stream(key, { start: 5, end: 5 }))).toHaveLength(0);
        expect(await whole(blobs.stream(key, { start: 699_000, end: 800_000 }))).toHaveLength(1000);
      });

      it("stores a stream, and an empty blob", async () => {
        const [streamed, empty] = [newKey(), newKey()];
        await blobs.put(streamed, chunks(Buffer.from("ab"), Buffer.alloc(0), Buffer.from("c")), { size: 3 });
        expect(String(await blobs.get(streamed))).toBe("abc");
        await blobs.put(empty, new Uint8Array());
        expect(await blobs.get(empty)).toHaveLength(0);
        expect(await whole(blobs.stream(empty))).toHaveLength(0);
      });

      it("has nothing under a key that was never put", async () => {
        const key = newKey();
        expect(await blobs.get(key)).toBeUndefined();
        expect(await blobs.head(key)).toBeUndefined();
        await expect(blobs.stream(key)).rejects.toMatchObject({ name: "NotFound" });
        await expect(blobs.copy(key, newKey())).rejects.toMatchObject({ name: "NotFound" });
        await expect(blobs.delete(key)).resolves.toBeUndefined();
      });

      it("refuses to load a blob larger than wanted", async () => {
        const key = newKey();
        await blobs.put(key, Buffer.from("four"));
        expect(await blobs.get(key, { maxBytes: 4 })).toHaveLength(4);
        await expect(blobs.get(key, { maxBytes: 3 })).rejects.toMatchObject({ code: "blob_too_large" });
      });

      it("refuses ranges that are none", async () => {
        const key = newKey();
        await blobs.put(key, Buffer.from("four"));
        for (const range of [{ start: -1 }, { start: 3, end: 2 }, { start: Number.NaN }]) {
          await expect(blobs.stream(key, range)).rejects.toMatchObject({ code: "range_invalid" });
        }
      });

      it("keeps the blob that is there when content is refused or its stream breaks", async () => {
        const key = newKey();
        await blobs.put(key, Buffer.from("old"));
        const content = Buffer.from("new");
        await expect(blobs.put(key, content, { sha256: sha256Of("other") })).rejects.toMatchObject({
          code: "checksum_mismatch",
        });
        for (const size of [2, 4]) {
          await expect(blobs.put(key, chunks(content), { size })).rejects.toMatchObject({
            code: "size_mismatch",
          });
        }
        await expect(blobs.put(key, breaking(content))).rejects.toThrow("the stream broke");
        expect(String(await blobs.get(key))).toBe("old");
        const absent = newKey();
        await expect(blobs.put(absent, breaking(content))).rejects.toThrow("the stream broke");
        expect(await blobs.head(absent)).toBeUndefined();
      });

      it("replaces a blob whole: a reader sees the old one or the new", async () => {
        const key = newKey();
        const versions = [1, 2, 3, 4].map((fill) => Buffer.alloc(300_000, fill));
        await blobs.put(key, versions[0]!);
        const begun = await blobs.stream(key);
        const writes = versions.slice(1).map((version) => blobs.put(key, version));
        for (let read = 0; read < 20; read++) {
          const content = (await blobs.get(key))!;
          expect(versions.some((version) => version.equals(content))).toBe(true);
        }
        await Promise.all(writes);
        expect(new Set(await whole(Promise.resolve(begun))).size).toBe(1);
      });

      it.each(["", "/a", "a/", "a//b", "a/../b", "..", ".", "a\\b", "a\u0000b", "\ud800", "x".repeat(1025)])(
        "refuses the key %j everywhere",
        async (key) => {
          const invalid = { code: "blob_key_invalid" };
          const upload = { key, size: 0, sha256: sha256Of(""), expiresInSeconds: 60 };
          for (const use of [
            () => blobs.put(key, Buffer.from("x")),
            () => blobs.get(key),
            () => blobs.stream(key),
            () => blobs.head(key),
            () => blobs.delete(key),
            () => blobs.copy(key, newKey()),
            () => blobs.copy(newKey(), key),
            () => blobs.signUpload(upload),
            () => blobs.signDownload(key, { expiresInSeconds: 60 }),
          ]) {
            await expect(use()).rejects.toMatchObject(invalid);
          }
        },
      );

      it("tells keys apart that differ in case, and a key from one below it", async () => {
        const key = newKey();
        const keys = [key, key.toUpperCase(), `${key}/a`, `${key}/A`, `${key}/a/b`, `${key} ü#?%2f&`];
        for (const each of keys) await blobs.put(each, Buffer.from(each));
        for (const each of keys) expect(String(await blobs.get(each))).toBe(each);
      });
    });

    describe("put if absent", () => {
      it("keeps the first of many", async () => {
        const key = newKey();
        const puts = [1, 2, 3, 4, 5].map((fill) =>
          blobs.put(key, chunks(Buffer.alloc(50_000, fill)), { ifAbsent: true }),
        );
        const won = await Promise.all(puts);
        expect(won.filter(Boolean)).toEqual([true]);
        expect((await blobs.get(key))![0]).toBe(won.indexOf(true) + 1);
        expect(await blobs.put(key, Buffer.from("late"), { ifAbsent: true })).toBe(false);
      });

      it("still checks what it stores", async () => {
        const key = newKey();
        const put = blobs.put(key, Buffer.from("x"), { ifAbsent: true, sha256: sha256Of("y") });
        await expect(put).rejects.toMatchObject({ code: "checksum_mismatch" });
        expect(await blobs.put(key, Buffer.from("x"), { ifAbsent: true })).toBe(true);
      });
    });

    describe("copy and delete", () => {
      it("copies what is replaced meanwhile as it was or as it is", async () => {
        const [from, to] = [newKey(), newKey()];
        const contents = ["old", "new"];
        await blobs.put(from, Buffer.from("old"));
        for (let round = 1; round <= 10; round++) {
          await Promise.all([blobs.copy(from, to), blobs.put(from, Buffer.from(contents[round % 2]!))]);
          expect(contents).toContain(String(await blobs.get(to)));
        }
      });

      it("copies content and what is known of it, and the copy outlives the source", async () => {
        const [from, to] = [newKey(), newKey()];
        await blobs.put(from, Buffer.from("x"), { sha256: sha256Of("x"), contentType: "text/plain" });
        await blobs.put(to, Buffer.from("in the way"));
        await blobs.copy(from, to);
        await blobs.delete(from);
        expect(await blobs.get(from)).toBeUndefined();
        expect(String(await blobs.get(to))).toBe("x");
        expect(await blobs.head(to)).toMatchObject({
          size: 1,
          sha256: sha256Of("x"),
          contentType: "text/plain",
        });
      });
    });

    describe("list", () => {
      it("lists the keys with a prefix in bytewise order, page by page", async () => {
        const prefix = `${newKey()}/`;
        const keys = ["a/b", "a-b", "a.b", "a", "Z", "z", "\uffee", "\u{1f600}", "a/a/a"].map(
          (key) => prefix + key,
        );
        for (const key of keys) await blobs.put(key, Buffer.from(key));
        await blobs.put(`${prefix.slice(0, -1)}x`, Buffer.from("another"));
        const listed: BlobHead[] = [];
        let cursor: string | undefined;
        do {
          const page = await blobs.list(prefix, { limit: 2, cursor });
          listed.push(...page.items);
          cursor = page.cursor;
        } while (cursor !== undefined);
        expect(listed.map(({ key }) => key)).toEqual(
          keys.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))),
        );
        expect(listed.every(({ key, size }) => size === Buffer.byteLength(key))).toBe(true);
        expect(await blobs.list(`${prefix}none`)).toEqual({ items: [] });
      });

      it("refuses a cursor of another list", async () => {
        const prefix = `${newKey()}/`;
        for (const key of ["a", "b"]) await blobs.put(prefix + key, Buffer.from(key));
        const { cursor } = await blobs.list(prefix, { limit: 1 });
        expect((await blobs.list(prefix, { cursor })).items).toHaveLength(1);
        for (const refused of [
          blobs.list("other/", { cursor }),
          blobs.list(prefix, { cursor: `${cursor}A` }),
        ]) {
          await expect(refused).rejects.toMatchObject({ code: "cursor_invalid" });
        }
      });
    });
  });
}

async function* chunks(...parts: Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* parts;
}

async function* breaking(part: Uint8Array): AsyncGenerator<Uint8Array> {
  yield part;
  throw new Error("the stream broke");
}

async function whole(stream: Promise<AsyncIterable<Uint8Array>>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of await stream) parts.push(part);
  return Buffer.concat(parts);
}
