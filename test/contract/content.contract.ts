import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { keepContent } from "@benchgen/core/content/keep.ts";
import { pruneContent, pruneContentInTime } from "@benchgen/core/content/prune.ts";
import type { Blobs, Clock, Item, Table } from "@benchgen/core/ports.ts";
import { blobKey, contentPrefix } from "@benchgen/core/wire/key.ts";

export interface ContentStores {
  readonly table: Table;
  readonly blobs: Blobs;
  readonly close: () => Promise<void>;
}

const dayMs = 86_400_000;
const hashOf = (text: string) => createHash("sha256").update(text).digest("hex");

/** What must hold of content on every pair of stores: nothing but content may be in them. */
export function contentContract(name: string, open: () => Promise<ContentStores>): void {
  describe(`Content: ${name}`, () => {
    let stores: ContentStores;
    beforeAll(async () => {
      stores = await open();
    });
    afterAll(() => stores.close());

    const put = (item: Item) => stores.table.write([{ kind: "put", item }]);
    const store = (text: string) => stores.blobs.put(blobKey.content(hashOf(text)), Buffer.from(text));
    const stored = async () => (await stores.blobs.list(contentPrefix)).items.map(({ key }) => key);
    const keys = (texts: readonly string[]) => texts.map((text) => blobKey.content(hashOf(text))).sort();
    const after = (days: number): Clock => ({ now: () => new Date(Date.now() + days * dayMs) });
    const later = (days: number) => ({ ...stores, clock: after(days) });

    it("goes when nothing names it, and no sooner", async () => {
      const file = { kind: "file", sha256: hashOf("a file"), size: 6 };
      const document = JSON.stringify({ manifest: {}, programs: {}, files: { file } });
      const named = ["an upload", "a submission", "a file", document];
      for (const text of [...named, "nothing", "nothing either"]) await store(text);
      await put({ pk: "UPLOAD#1", sk: "UPLOAD", sha256: hashOf("an upload"), status: "accepted" });
      await put({ pk: "SUB#1", sk: "SUB", sha256: hashOf("a submission") });
      await put({ pk: "ENV#1", sk: "VERSION#00000001", document: hashOf(document) });
      const storedBefore = new Date(Date.now() + dayMs).toISOString();
      const tooEarly = { storedBefore: new Date(Date.now() - dayMs).toISOString(), countOnly: false };
      expect(await pruneContent(later(0), tooEarly)).toEqual({ files: 0, bytes: 0 });
      const gone = { files: 2, bytes: "nothingnothing either".length };
      expect(await pruneContent(later(0), { storedBefore, countOnly: true })).toEqual(gone);
      expect(await stored()).toHaveLength(6);
      expect(await pruneContent(later(0), { storedBefore, countOnly: false })).toEqual(gone);
      expect(await stored()).toEqual(keys(named));
    });

    it("stays while somebody relies on it, and is put again by who comes after it went", async () => {
      const before = await stored();
      const text = "kept";
      const keep = (days: number) =>
        keepContent(later(days), { sha256: hashOf(text), size: text.length }, () => Buffer.from(text));
      const prune = (days: number) => pruneContentInTime(later(days), { days: 0, seconds: 60 });
      await keep(1);
      expect(await prune(8.5)).toMatchObject({ files: 0 });
      await keep(5);
      expect(await prune(12.5)).toMatchObject({ files: 0 });
      expect(await prune(13.5)).toMatchObject({ files: 1, bytes: text.length });
      expect(await stored()).toEqual(before);
      await keep(14);
      expect(await stored()).toEqual([...before, ...keys([text])].sort());
      expect(await prune(30)).toMatchObject({ files: 1 });
    });

    it("goes slice by slice where there is not the time for all at once, and nothing is forgotten", async () => {
      const before = await stored();
      const texts = Array.from({ length: 40 }, (_, number) => `left ${number}`);
      for (const text of texts) await store(text);
      // Every look at the clock is a second: after some slices the time is over.
      let time = Date.now() + 2 * dayMs;
      const clock = { now: () => new Date((time += 1000)) };
      const counts: number[] = [];
      while (counts.length === 0 || (counts.length < 30 && (await stored()).length > before.length)) {
        counts.push((await pruneContentInTime({ ...stores, clock }, { days: 1, seconds: 12 })).files);
      }
      expect(counts.length).toBeGreaterThan(2);
      expect(counts.reduce((sum, files) => sum + files, 0)).toBe(texts.length);
      expect(await stored()).toEqual(before);
    });

    it("stays, all of it, when the names cannot be read in time, or one of the documents is gone", async () => {
      await store("left");
      const impatient = { storedBefore: after(1).now().toISOString(), countOnly: false, until: new Date(0) };
      await expect(pruneContent(later(0), impatient)).rejects.toMatchObject({ code: "prune_out_of_time" });
      await put({ pk: "ENV#2", sk: "VERSION#00000001", document: hashOf("gone") });
      const prune = pruneContentInTime(later(9), { days: 0, seconds: 60 });
      await expect(prune).rejects.toThrow(hashOf("gone"));
      expect(await stored()).toContain(keys(["left"])[0]);
    });
  });
}
