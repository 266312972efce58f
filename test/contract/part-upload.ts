import { createHash, randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Principal } from "@benchgen/core/access/principal.ts";
import type { Blobs, Ports } from "@benchgen/core/ports.ts";
import { createUpload } from "@benchgen/core/upload/create.ts";
import { completeUpload, listArrivedParts, signParts } from "@benchgen/core/upload/part.ts";
import { defaultUploadPolicy, partRange } from "@benchgen/core/upload/part-plan.ts";
import { receiveUpload } from "@benchgen/core/upload/publish.ts";
import { getUpload } from "@benchgen/core/upload/read.ts";
import type { Upload } from "@benchgen/core/wire/api.ts";
import { blobKey } from "@benchgen/core/wire/key.ts";
import { openLocal } from "@benchgen/local/open.ts";
import { pack } from "../support/api.ts";
import { temporaryDataDirectory } from "../support/data-directory.ts";
import { send } from "../support/http.ts";

const policy = { ...defaultUploadPolicy, onePutBytes: 1024 ** 2, partBytes: 5 * 1024 ** 2 };
const principal: Principal = { workspace: "lab", name: "ada", scope: "author" };

/** The life of an upload in parts over another store of blobs; the rest is this machine's. */
export function partUploadFacts(
  name: string,
  open: () => Promise<{ blobs: Blobs; close: () => Promise<void> }>,
): void {
  describe(`A large submission: ${name}`, () => {
    let ports: Ports;
    let close: () => Promise<void>;
    beforeAll(async () => {
      const [store, data] = [await open(), temporaryDataDirectory()];
      const baseUrl = () => "http://benchgen.invalid";
      const local = await openLocal({ dir: data.dir, baseUrl, warn: data.warn, resume: false });
      ports = { ...local.ports, blobs: store.blobs };
      close = async () => {
        await local.close();
        data.close();
        await store.close();
      };
    });
    afterAll(() => close());

    /** Announces a zip and sends its parts. */
    async function sent(zip: Buffer, sha256 = hashOf(zip)): Promise<Upload> {
      const kind = "submission";
      const announced = { kind, filename: "s.zip", size: zip.length, sha256, purpose: "publish" } as const;
      const { upload } = await createUpload(ports, principal, announced, policy);
      const { id, parts: plan } = upload;
      for (let number = plan!.count; number >= 1; number--) {
        const { start, end } = partRange(zip.length, plan!, number);
        const body = zip.subarray(start, end);
        const part = { number, size: body.length, sha256: hashOf(body) };
        const [signed] = (await signParts(ports, principal, id, { parts: [part] })).items;
        const { url, headers } = signed!.put;
        expect((await send("PUT", url, { headers, body })).status).toBe(200);
        await expect(createUpload(ports, principal, announced, policy)).resolves.toMatchObject({
          continued: true,
          upload: { id },
        });
      }
      expect((await listArrivedParts(ports, principal, id)).items).toHaveLength(plan!.count);
      return upload;
    }

    it("arrives in parts, is checked whole, and is kept under its hash", async () => {
      const zip = await pack({ "answers.bin": randomBytes(12_000_000) });
      const { id } = await sent(zip);
      await completeUpload(ports, principal, id);
      await completeUpload(ports, principal, id);
      await receiveUpload(ports, id);
      expect((await getUpload(ports, principal, id)).status).toBe("accepted");
      expect(zip.equals((await ports.blobs.get(blobKey.content(hashOf(zip))))!)).toBe(true);
      expect(await ports.blobs.head(blobKey.content(hashOf(zip)))).toMatchObject({ sha256: hashOf(zip) });
      expect(await ports.blobs.head(blobKey.upload(id))).toBeUndefined();
    });

    it("is rejected when it is not what was announced", async () => {
      const zip = await pack({ "answers.bin": randomBytes(6_000_000) });
      const { id } = await sent(zip, hashOf(Buffer.from("another")));
      await completeUpload(ports, principal, id);
      await receiveUpload(ports, id);
      const { status, findings } = await getUpload(ports, principal, id);
      expect([status, findings[0]?.code]).toEqual(["rejected", "checksum_mismatch"]);
    });
  });
}

function hashOf(content: Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}
