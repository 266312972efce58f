import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect } from "vitest";
import type { Blobs, PartUpload } from "@benchgen/core/ports.ts";
import { send, sendAndBreak } from "../support/http.ts";
import { newKey, sha256Of } from "./blob.ts";
import { itExcept } from "./skip.ts";
import type { Untestable } from "./skip.ts";

/** The least S3 takes of every part but the last. */
const partBytes = 5 * 1024 ** 2;

/** What the uploads in parts of every Blobs must do. The URLs must be reachable. */
export function partContract(
  name: string,
  open: () => Promise<{ blobs: Blobs; close: () => Promise<void> }>,
  untestable: Untestable = {},
): void {
  const fact = itExcept(untestable);
  describe(`Uploads in parts of Blobs: ${name}`, () => {
    const contents = [randomBytes(partBytes), randomBytes(partBytes), randomBytes(1000)];
    let blobs: Blobs;
    let close: () => Promise<void>;
    beforeAll(async () => {
      ({ blobs, close } = await open());
    });
    afterAll(async () => {
      await close();
    });

    const sign = (upload: PartUpload, number: number, content: Uint8Array, expiresInSeconds = 60) =>
      blobs.signPart(upload, { number, size: content.length, sha256: sha256Of(content), expiresInSeconds });
    const sendPart = async (upload: PartUpload, number: number, content: Uint8Array): Promise<number> => {
      const { url, headers } = await sign(upload, number, content);
      return (await send("PUT", url, { headers, body: content })).status;
    };
    const started = async (numbers: readonly number[] = []): Promise<PartUpload> => {
      const upload = await blobs.startParts(newKey());
      for (const number of numbers) expect(await sendPart(upload, number, contents[number - 1]!)).toBe(200);
      return upload;
    };

    fact("puts parts together that came in any order, and shows nothing before", async () => {
      const upload = await blobs.startParts(newKey(), { contentType: "application/zip" });
      for (const number of [3, 1, 2]) expect(await sendPart(upload, number, contents[number - 1]!)).toBe(200);
      expect(await blobs.head(upload.key)).toBeUndefined();
      await blobs.completeParts(upload, await blobs.listParts(upload));
      expect(Buffer.concat(contents).equals((await blobs.get(upload.key))!)).toBe(true);
      const size = 2 * partBytes + 1000;
      expect(await blobs.head(upload.key)).toMatchObject({ size, contentType: "application/zip" });
    });

    fact("lists what has arrived, by number", async () => {
      const upload = await started([3, 1]);
      const parts = await blobs.listParts(upload);
      expect(parts.map(({ number, size }) => [number, size])).toEqual([
        [1, partBytes],
        [3, 1000],
      ]);
      for (const { number, sha256 } of parts) {
        if (sha256 !== undefined) expect(sha256).toBe(sha256Of(contents[number - 1]!));
      }
    });

    fact("replaces a part that is sent again, and takes one of several sent at once", async () => {
      const upload = await started([1]);
      const versions = [randomBytes(100), randomBytes(100), randomBytes(100)];
      for (const version of versions) expect(await sendPart(upload, 2, version)).toBe(200);
      const [first, second] = await blobs.listParts(upload);
      await blobs.completeParts(upload, [first!, second!]);
      expect(versions[2]!.equals((await blobs.get(upload.key))!.subarray(partBytes))).toBe(true);
    });

    fact("keeps two uploads for one key apart; the one completed last stays", async () => {
      const one = await started([1]);
      const other = await blobs.startParts(one.key);
      expect(await sendPart(other, 1, contents[2]!)).toBe(200);
      await blobs.completeParts(one, await blobs.listParts(one));
      expect((await blobs.head(one.key))?.size).toBe(partBytes);
      await blobs.completeParts(other, await blobs.listParts(other));
      expect((await blobs.head(one.key))?.size).toBe(1000);
    });

    fact("knows an upload no more once it is completed, and completes none twice", async () => {
      const upload = await started([1]);
      const parts = await blobs.listParts(upload);
      await blobs.completeParts(upload, parts);
      await expectOver(upload);
      // S3 may still know what it completed, and say so again.
      await blobs.completeParts(upload, parts).catch((error: unknown) => {
        expect(error).toMatchObject({ name: "NotFound" });
      });
      await blobs.abortParts(upload);
      expect((await blobs.head(upload.key))?.size).toBe(partBytes);
    });

    fact("keeps nothing of an upload that is aborted, once or twice", async () => {
      const upload = await started([1]);
      await blobs.abortParts(upload);
      await blobs.abortParts(upload);
      await expectOver(upload);
      expect(await blobs.head(upload.key)).toBeUndefined();
    });

    fact("does not complete what was aborted", async () => {
      const upload = await started([1]);
      const parts = await blobs.listParts(upload);
      await blobs.abortParts(upload);
      await expect(blobs.completeParts(upload, parts)).rejects.toMatchObject({ name: "NotFound" });
      expect(await blobs.head(upload.key)).toBeUndefined();
    });

    async function expectOver(upload: PartUpload): Promise<void> {
      await expect(blobs.listParts(upload)).rejects.toMatchObject({ name: "NotFound" });
      // Small: a server may close the connection on a body it never reads.
      expect(await sendPart(upload, 2, contents[2]!)).toBeGreaterThanOrEqual(400);
    }

    fact("refuses to put together what is not there as it was listed, or nothing at all", async () => {
      const upload = await started([1, 2]);
      const [first, second] = await blobs.listParts(upload);
      const invalid = { name: "InvalidInput", code: "parts_invalid" };
      for (const parts of [
        [],
        [first!, { ...second!, number: 3 }],
        [second!, first!],
        [first!, first!],
        [first!, { ...second!, tag: first!.tag }],
      ]) {
        await expect(blobs.completeParts(upload, parts)).rejects.toMatchObject(invalid);
      }
      expect(await blobs.head(upload.key)).toBeUndefined();
      await blobs.completeParts(upload, [first!, second!]);
    });

    fact("takes part numbers from 1 to 10,000", async () => {
      const upload = await started();
      expect(await sendPart(upload, 10_000, contents[2]!)).toBe(200);
      for (const number of [0, -1, 10_001, 1.5, Number.NaN]) {
        await expect(sign(upload, number, contents[2]!)).rejects.toMatchObject({
          code: "part_number_invalid",
        });
      }
      await blobs.abortParts(upload);
    });

    fact("takes exactly the part its URL was signed for", async () => {
      const [content, upload] = [contents[2]!, await started()];
      const { url, headers } = await sign(upload, 1, content);
      const { url: ofWhole } = await blobs.signUpload({
        key: upload.key,
        size: content.length,
        sha256: sha256Of(content),
        expiresInSeconds: 60,
      });
      const other = Buffer.concat([content.subarray(1), Buffer.from("x")]);
      const longer = Buffer.concat([content, Buffer.from("x")]);
      const answers = [
        send("PUT", url, { headers, body: other }),
        send("PUT", url, { headers: { ...headers, "content-length": "1001" }, body: longer }),
        ...altered(url).map((each) => send("PUT", each, { headers, body: content })),
        ...altered(ofWhole).map((each) => send("PUT", each, { headers, body: content })),
      ];
      for (const { status } of await Promise.all(answers)) expect(status).toBeGreaterThanOrEqual(400);
      await sendAndBreak("PUT", url, { headers, body: content.subarray(0, 500) });
      expect(await blobs.listParts(upload)).toEqual([]);
      expect(await blobs.head(upload.key)).toBeUndefined();
      expect((await send("PUT", url, { headers, body: content })).status).toBe(200);
    });

    fact("refuses another key's upload", async () => {
      const upload = await started([1]);
      const elsewhere = { ...upload, key: newKey() };
      await expect(blobs.listParts(elsewhere)).rejects.toMatchObject({ name: "NotFound" });
      expect(await sendPart(elsewhere, 2, contents[2]!)).toBeGreaterThanOrEqual(400);
      await expect(blobs.startParts("../a")).rejects.toMatchObject({ code: "blob_key_invalid" });
    });
  });
}

/** The URL with each of its parameters changed, taken away, and as that of a part. */
function altered(url: string): string[] {
  const urls = [...new URL(url).searchParams].flatMap(([name, value]) => {
    const [changed, without] = [new URL(url), new URL(url)];
    changed.searchParams.set(name, value.slice(0, -1) + (value.endsWith("1") ? "2" : "1"));
    without.searchParams.delete(name);
    return [changed.href, without.href];
  });
  return [...urls, `${url}&part=2`, `${url}&upload=x&part=1`].filter(
    // A parameter given twice counts as it stood first.
    (each) => !(new URL(url).searchParams.has("part") && each.startsWith(`${url}&`)),
  );
}
