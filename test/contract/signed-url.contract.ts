import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect } from "vitest";
import type { Blobs, SignedUpload } from "@benchgen/core/ports.ts";
import { send, sendAndBreak } from "../support/http.ts";
import { newKey, sha256Of } from "./blob.ts";
import { itExcept } from "./skip.ts";
import type { Untestable } from "./skip.ts";

/**
 * What the signed URLs of every Blobs must do. A suite of its own: stand-ins for S3 store objects well enough, but
 * enforce little of what a URL is signed for. The URLs must be reachable.
 */
export function signedUrlContract(
  name: string,
  open: () => Promise<{ blobs: Blobs; close: () => Promise<void> }>,
  untestable: Untestable = {},
): void {
  const fact = itExcept(untestable);
  describe(`Signed URLs of Blobs: ${name}`, () => {
    let blobs: Blobs;
    let close: () => Promise<void>;
    beforeAll(async () => {
      ({ blobs, close } = await open());
    });
    afterAll(async () => {
      await close();
    });

    describe("signed uploads", () => {
      const content = randomBytes(200_000);
      const grant = { size: content.length, sha256: sha256Of(content), expiresInSeconds: 60 };
      const put = (
        upload: SignedUpload,
        body: Uint8Array = content,
        headers = upload.headers,
      ): Promise<number> => send("PUT", upload.url, { headers, body }).then(({ status }) => status);

      fact("takes the bytes it was signed for, also twice", async () => {
        const key = newKey();
        const upload = await blobs.signUpload({ ...grant, key, contentType: "application/zip" });
        expect(upload.method).toBe("PUT");
        expect(Date.parse(upload.expiresAt)).toBeGreaterThan(Date.now());
        expect(await put(upload)).toBe(200);
        expect(await blobs.get(key)).toEqual(content);
        expect(await blobs.head(key)).toMatchObject({ size: grant.size, contentType: "application/zip" });
        expect(await put(upload)).toBe(200);
      });

      fact("takes the same bytes twice at once", async () => {
        const key = newKey();
        const upload = await blobs.signUpload({ ...grant, key });
        expect(await Promise.all([put(upload), put(upload)])).toEqual([200, 200]);
        expect(await blobs.get(key)).toEqual(content);
      });

      fact("refuses other content, longer, shorter and as long", async () => {
        const key = newKey();
        const upload = await blobs.signUpload({ ...grant, key });
        const as = (length: number): Record<string, string> => ({
          ...upload.headers,
          "content-length": String(length),
        });
        const other = Buffer.concat([content.subarray(1), Buffer.from("x")]);
        expect(await put(upload, other)).toBeGreaterThanOrEqual(400);
        const longer = Buffer.concat([content, Buffer.from("x")]);
        expect(await put(upload, longer, as(longer.length))).toBeGreaterThanOrEqual(400);
        const shorter = content.subarray(1);
        expect(await put(upload, shorter, as(shorter.length))).toBeGreaterThanOrEqual(400);
        expect(await blobs.head(key)).toBeUndefined();
      });

      fact("stores nothing of an upload that breaks off", async () => {
        const key = newKey();
        const upload = await blobs.signUpload({ ...grant, key });
        await sendAndBreak("PUT", upload.url, {
          headers: upload.headers,
          body: content.subarray(0, 100_000),
        });
        await sleep(100);
        expect(await blobs.head(key)).toBeUndefined();
        expect(await put(upload)).toBe(200);
      });

      fact("refuses altered headers, methods and URLs", async () => {
        const key = newKey();
        const upload = await blobs.signUpload({ ...grant, key, contentType: "application/zip" });
        for (const header of Object.keys(upload.headers)) {
          if (header === "content-length") continue;
          const { [header]: _, ...without } = upload.headers;
          expect(await put(upload, content, without)).toBeGreaterThanOrEqual(400);
          expect(await put(upload, content, { ...without, [header]: "x" })).toBeGreaterThanOrEqual(400);
        }
        expect((await send("GET", upload.url)).status).toBe(403);
        for (const url of tampered(upload.url)) {
          expect(
            (await send("PUT", url, { headers: upload.headers, body: content })).status,
          ).toBeGreaterThanOrEqual(400);
        }
        expect(await blobs.head(key)).toBeUndefined();
      });

      fact("refuses an upload after its URL expired", async () => {
        const upload = await blobs.signUpload({ ...grant, key: newKey(), expiresInSeconds: 1 });
        await sleep(2100);
        expect(await put(upload)).toBe(403);
      });
    });

    describe("signed downloads", () => {
      fact("gives the blob, and ranges of it", async () => {
        const key = `${newKey()}/ü &.bin`;
        const content = randomBytes(1000);
        await blobs.put(key, content, { contentType: "text/html" });
        const url = await blobs.signDownload(key, { expiresInSeconds: 60, filename: 'a "ü".html' });
        const answer = await send("GET", url);
        expect(answer.status).toBe(200);
        expect(answer.body).toEqual(content);
        expect(answer.headers["content-type"]).toBe("text/html");
        expect(answer.headers["content-disposition"]).toMatch(/^attachment/);
        const part = await send("GET", url, { headers: { range: "bytes=10-19" } });
        expect([part.status, part.headers["content-range"]]).toEqual([206, "bytes 10-19/1000"]);
        expect(part.body).toEqual(content.subarray(10, 20));
        expect((await send("GET", url, { headers: { range: "bytes=-5" } })).body).toEqual(
          content.subarray(995),
        );
        expect((await send("GET", url, { headers: { range: "bytes=1000-" } })).status).toBe(416);
      });

      fact("refuses altered and expired URLs, and says when the blob is gone", async () => {
        const [key, gone] = [newKey(), newKey()];
        await blobs.put(key, Buffer.from("x"));
        const url = await blobs.signDownload(key, { expiresInSeconds: 60 });
        expect((await send("PUT", url, { body: Buffer.from("y") })).status).toBe(403);
        for (const other of tampered(url)) expect((await send("GET", other)).status).toBe(403);
        const brief = await blobs.signDownload(key, { expiresInSeconds: 1 });
        const never = await blobs.signDownload(gone, { expiresInSeconds: 60 });
        expect((await send("GET", never)).status).toBe(404);
        await sleep(2100);
        expect((await send("GET", brief)).status).toBe(403);
      });
    });
  });
}

/** The URL with its key, and with each of its parameters, changed. */
function tampered(url: string): string[] {
  const changed = [...new URL(url).searchParams].map(([name, value]) => {
    const other = new URL(url);
    other.searchParams.set(name, value.slice(0, -1) + (value.endsWith("1") ? "2" : "1"));
    return other.href;
  });
  return [...changed, url.replace("/test/", "/test/x"), url.replace(/\?.*/, "")];
}
