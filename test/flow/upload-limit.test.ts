/** What a deployment cannot check in the time it has: refused before it is sent, or given up, but never tried for ever. */
import { checkUpload } from "@benchgen/core/upload/check.ts";
import { defaultUploadPolicy } from "@benchgen/core/upload/part-plan.ts";
import { createdUploadSchema, uploadSchema } from "@benchgen/core/wire/api.ts";
import { blobKey } from "@benchgen/core/wire/key.ts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { pack } from "../support/api.ts";
import { bundleFiles } from "../support/bundle.ts";
import { type Actor, type Pipeline, openPipeline } from "../support/pipeline.ts";

let pipeline: Pipeline;
let ada: Actor;
beforeAll(async () => {
  pipeline = await openPipeline({ uploadPolicy: { ...defaultUploadPolicy, maxBytes: 1_000_000 } });
  ada = await pipeline.actor("ada", "author");
});
afterAll(() => pipeline.close());

const announced = { kind: "bundle", filename: "b.zip", sha256: "0".repeat(64) } as const;

/** An upload whose bytes lie in the store without anybody having been told. */
async function stored(): Promise<ReturnType<typeof uploadSchema.parse>> {
  const bytes = await pack(bundleFiles({ title: "Slow" }));
  const request = { ...announced, size: bytes.length };
  const { upload } = await ada.json(createdUploadSchema, "POST", "/uploads", request);
  await pipeline.api.local.ports.blobs.put(blobKey.upload(upload.id), bytes);
  return upload;
}

it("an upload that is too large is refused before it is sent", async () => {
  expect(await ada.problem("POST", "/uploads", { ...announced, size: 1_000_001 })).toMatchObject({
    status: 400,
    code: "upload_too_large",
  });
});

describe("a check that is cut off", () => {
  it("is begun again, and given up in the end with a reason; the bytes stay for their author", async () => {
    const { ports } = pipeline.api.local;
    const upload = await stored();
    const cutOff = {
      ...ports,
      blobs: { ...ports.blobs, stream: () => Promise.reject(new Error("cut off")) },
    };
    const check = () => checkUpload(cutOff, upload.id, { checks: 2 });
    await expect(check()).rejects.toThrow("cut off");
    await expect(check()).rejects.toThrow("cut off");
    expect(await check()).toBe(false);
    expect(await ada.json(uploadSchema, "GET", `/uploads/${upload.id}`)).toMatchObject({
      status: "rejected",
      findings: [{ code: "upload.check_given_up", message: expect.stringContaining("2 times") as string }],
    });
    expect(await ports.blobs.head(blobKey.upload(upload.id))).toBeDefined();
  });

  it("comes to its end when a later one has the time", async () => {
    const { ports } = pipeline.api.local;
    const upload = await stored();
    const cutOff = {
      ...ports,
      blobs: { ...ports.blobs, stream: () => Promise.reject(new Error("cut off")) },
    };
    await expect(checkUpload(cutOff, upload.id, { checks: 2 })).rejects.toThrow("cut off");
    expect(await checkUpload(ports, upload.id, { checks: 2 })).toBe(true);
  });
});

it("a bundle that inflates to more than can be read is rejected for that", async () => {
  const { ports } = pipeline.api.local;
  const upload = await stored();
  expect(await checkUpload(ports, upload.id, { zip: { maxTotalBytes: 100 } })).toBe(false);
  const { findings } = await ada.json(uploadSchema, "GET", `/uploads/${upload.id}`);
  expect(findings).toMatchObject([{ code: "zip.too_large" }]);
});
