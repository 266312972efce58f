import { createHash } from "node:crypto";
import { expect, it } from "vitest";
import { s3Client } from "../client.ts";
import { base64Of } from "./checksum.ts";
import { signDownload, signPart, signUpload } from "./sign.ts";

const client = s3Client({
  region: "eu-central-1",
  credentials: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "example" },
});
const clock = { now: () => new Date("2026-01-02T03:04:05Z") };
const sha256 = createHash("sha256").update("abc").digest("hex");
const upload = { key: "uploads/a b.zip", size: 3, sha256, expiresInSeconds: 900 };

it("binds length, checksum and type of an upload as signed headers, none of them in the query", async () => {
  const signed = await signUpload(client, "bucket", clock, { ...upload, contentType: "application/zip" });
  const query = new URL(signed.url).searchParams;
  expect(query.get("X-Amz-SignedHeaders")?.split(";").sort()).toEqual([
    "content-length",
    "content-type",
    "host",
    "x-amz-checksum-sha256",
  ]);
  expect(signed.headers).toEqual({
    "content-length": "3",
    "content-type": "application/zip",
    "x-amz-checksum-sha256": base64Of(sha256),
  });
  const names = [...query.keys()].map((name) => name.toLowerCase());
  expect(names.filter((name) => name.includes("checksum-sha256") || name.includes("crc32"))).toEqual([]);
});

it("signs one method, one key and one lifetime, from the clock it was given", async () => {
  const signed = await signUpload(client, "bucket", clock, upload);
  const url = new URL(signed.url);
  expect([signed.method, url.protocol, url.pathname]).toEqual(["PUT", "https:", "/uploads/a%20b.zip"]);
  expect(url.searchParams.get("X-Amz-Date")).toBe("20260102T030405Z");
  expect(url.searchParams.get("X-Amz-Expires")).toBe("900");
  expect(signed.expiresAt).toBe("2026-01-02T03:19:05.000Z");
});

it("signs another URL for another length, checksum, type or key", async () => {
  const others = [
    upload,
    { ...upload, size: 4 },
    { ...upload, sha256: sha256.replace(/^./, "0") },
    { ...upload, contentType: "text/plain" },
    { ...upload, key: "uploads/other.zip" },
  ];
  const signatures = await Promise.all(
    others.map(async (other) => {
      const { url } = await signUpload(client, "bucket", clock, other);
      return new URL(url).searchParams.get("X-Amz-Signature");
    }),
  );
  expect(new Set(signatures).size).toBe(others.length);
});

it("names a download by a header that any file name fits in", async () => {
  const download = { key: "a", expiresInSeconds: 60, filename: 'a "ü".html' };
  const query = new URL(await signDownload(client, "bucket", clock, download)).searchParams;
  expect(query.get("response-content-disposition")).toBe(
    `attachment; filename="a ___.html"; filename*=UTF-8''a%20%22%C3%BC%22.html`,
  );
});

it("binds upload, number, length and checksum of a part, and signs another URL for any other", async () => {
  const part = { key: "uploads/a b.zip", id: "upload~1", number: 7, size: 3, sha256, expiresInSeconds: 900 };
  const others = [part, { ...part, id: "upload~2" }, { ...part, number: 8 }, { ...part, size: 4 }];
  const urls = await Promise.all(
    others.map(async (other) => new URL((await signPart(client, "bucket", clock, other)).url).searchParams),
  );
  expect(urls[0]?.get("X-Amz-SignedHeaders")?.split(";").sort()).toEqual([
    "content-length",
    "host",
    "x-amz-checksum-sha256",
  ]);
  expect([urls[0]?.get("uploadId"), urls[0]?.get("partNumber")]).toEqual(["upload~1", "7"]);
  const names = [...(urls[0]?.keys() ?? [])].map((name) => name.toLowerCase());
  expect(names.filter((name) => name.includes("checksum-sha256") || name.includes("crc32"))).toEqual([]);
  expect(new Set(urls.map((query) => query.get("X-Amz-Signature"))).size).toBe(others.length);
});
