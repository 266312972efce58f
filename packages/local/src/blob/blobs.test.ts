import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { systemClock } from "../clock.ts";
import { openDataDirectory } from "../data-directory.ts";
import type { DataDirectory } from "../data-directory.ts";
import { createBlobs } from "./blobs.ts";
import type { BlobsOptions, LocalBlobs } from "./blobs.ts";
import { byteRange } from "./byte-range.ts";

/** Generous: the machine may be busy. */
const soon = { timeout: 10_000 };

let dir: string;
let data: DataDirectory;
let warnings: string[];

function blobsOf(of: DataDirectory, options: Partial<BlobsOptions> = {}): LocalBlobs {
  return createBlobs({
    ...of,
    clock: systemClock,
    secret: of.secretFor("blob-url"),
    baseUrl: () => "http://localhost",
    warn: (message) => warnings.push(message),
    ...options,
  });
}

function filesLeft(): number {
  return readdirSync(join(dir, "objects"), { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  ).length;
}

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "benchgen-"));
  data = openDataDirectory(dir);
  warnings = [];
});
afterEach(() => {
  data.close();
  rmSync(dir, { recursive: true });
});

async function upload(blobs: LocalBlobs, key: string, content: string): Promise<Response> {
  const sha256 = createHash("sha256").update(content).digest("hex");
  const { url, headers } = await blobs.signUpload({
    key,
    size: content.length,
    sha256,
    expiresInSeconds: 60,
  });
  return blobs.acceptUpload(new Request(url, { method: "PUT", headers, body: content }));
}

async function* beginning(killed: Promise<void>): AsyncGenerator<Uint8Array> {
  yield Buffer.from("first");
  await killed;
  throw new Error("killed");
}

describe("files of blobs", () => {
  it("are as many as there are blobs, whatever was refused, replaced, copied and deleted", async () => {
    const blobs = blobsOf(data);
    await blobs.put("a", Buffer.from("1"));
    await blobs.put("a", Buffer.from("2"));
    await blobs.put("a", Buffer.from("3"), { ifAbsent: true });
    await expect(blobs.put("b", Buffer.from("4"), { size: 2 })).rejects.toThrow("should have 2 bytes");
    await blobs.copy("a", "c");
    await blobs.copy("c", "c");
    await blobs.delete("a");
    expect(filesLeft()).toBe(1);
    expect(data.database.all("select * from blob_scrap")).toEqual([]);
    expect(String(await blobs.get("c"))).toBe("2");
  });

  it("are readable by their owner only", async () => {
    await blobsOf(data).put("a", Buffer.from("1"));
    const [name] = readdirSync(join(dir, "objects"), { recursive: true, encoding: "utf8" }).filter((path) =>
      path.includes("/"),
    );
    expect(statSync(join(dir, "objects", name!)).mode & 0o777).toBe(0o600);
    expect(statSync(join(dir, "secret.key")).mode & 0o777).toBe(0o600);
  });

  it("of a process that is gone are removed by the next, those of a living one are not", async () => {
    const other = openDataDirectory(dir);
    const { promise: killed, resolve: kill } = Promise.withResolvers<void>();
    const unfinished = blobsOf(other).put("a", beginning(killed));
    const blobs = blobsOf(data);
    await expect.poll(() => filesLeft(), soon).toBe(1);
    await blobs.resume();
    expect(filesLeft()).toBe(1);
    other.owner.close();
    await blobs.resume();
    expect(filesLeft()).toBe(0);
    kill();
    await expect(unfinished).rejects.toThrow("killed");
    other.close();
  });
});

describe("uploads by signed URL", () => {
  it("are announced once they are stored", async () => {
    const created: string[] = [];
    const blobs = blobsOf(data, { onCreated: (key) => void created.push(key) });
    expect((await upload(blobs, "uploads/a.zip", "content")).status).toBe(200);
    await expect(upload(blobs, "uploads/../b.zip", "content")).rejects.toMatchObject({
      code: "blob_key_invalid",
    });
    await expect.poll(() => created, soon).toEqual(["uploads/a.zip"]);
    await blobs.resume();
    expect(created).toHaveLength(1);
  });

  it("that nobody took up are announced again by a later process, and by that alone", async () => {
    const other = openDataDirectory(dir);
    const failing = blobsOf(other, { onCreated: () => Promise.reject(new Error("not now")) });
    await upload(failing, "uploads/a.zip", "content");
    await expect
      .poll(() => warnings, soon)
      .toEqual(["Could not take up the uploaded blob uploads/a.zip: not now"]);
    const created: string[] = [];
    const blobs = blobsOf(data, { onCreated: (key) => void created.push(key) });
    await blobs.resume();
    expect(created).toEqual([]);
    other.close();
    await blobsOf(data, {}).resume();
    await blobs.resume();
    await blobs.resume();
    expect(created).toEqual(["uploads/a.zip"]);
  });

  it("are taken up before the process closes", async () => {
    const slow = Promise.withResolvers<void>();
    const done: string[] = [];
    const blobs = blobsOf(data, { onCreated: (key) => slow.promise.then(() => void done.push(key)) });
    await upload(blobs, "uploads/a.zip", "content");
    const closed = blobs.close().then(() => done.push("closed"));
    setImmediate(slow.resolve);
    await closed;
    expect(done).toEqual(["uploads/a.zip", "closed"]);
    await blobs.close();
    expect(data.database.all("select * from blob_created")).toEqual([]);
  });

  it("are refused without a length, in chunks", async () => {
    const blobs = blobsOf(data);
    const sha256 = createHash("sha256").update("x").digest("hex");
    const { url } = await blobs.signUpload({ key: "a", size: 1, sha256, expiresInSeconds: 60 });
    const request = new Request(url, { method: "PUT", headers: { "x-benchgen-sha256": sha256 }, body: "x" });
    await expect(blobs.acceptUpload(request)).rejects.toMatchObject({ code: "size_mismatch" });
  });
});

describe("downloads by signed URL", () => {
  it("never let a browser run or guess at what a stranger uploaded", async () => {
    const blobs = blobsOf(data);
    await blobs.put("a", Buffer.from("<script>"), { contentType: "text/html" });
    const response = await blobs.serveDownload(
      new Request(await blobs.signDownload("a", { expiresInSeconds: 60, filename: "naïve.html" })),
    );
    expect(response.headers.get("content-security-policy")).toMatch(/^sandbox;/);
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
    expect(response.headers.get("content-disposition")).toBe(
      `attachment; filename="na_ve.html"; filename*=UTF-8''na%C3%AFve.html`,
    );
    await response.body?.cancel();
  });

  it.each([
    ["bytes=0-0", { start: 0, end: 1 }],
    ["bytes=5-", { start: 5, end: 10 }],
    ["bytes=-3", { start: 7, end: 10 }],
    ["bytes=-30", { start: 0, end: 10 }],
    ["bytes=9-99", { start: 9, end: 10 }],
    ["bytes=10-", "unsatisfiable"],
    ["bytes=-0", "unsatisfiable"],
    ["bytes=5-4", undefined],
    ["bytes=0-1,3-4", undefined],
    ["bytes=-", undefined],
    ["lines=1-2", undefined],
    [null, undefined],
  ])("read the range %j of ten bytes as %j", (header, range) => {
    expect(byteRange(header, 10)).toEqual(range);
  });
});

// A file system of its own that is full after a megabyte: mounted by an ordinary user, in a namespace of its own.
const asOrdinaryUser = ["--reuid=65534", "--regid=65534", "--clear-groups", "--"];
const inNamespace = ["unshare", "--user", "--map-root-user", "--mount", "--"];
const isolated = process.getuid?.() === 0 ? ["setpriv", ...asOrdinaryUser, ...inNamespace] : inNamespace;
const canMount = spawnSync(isolated[0]!, [...isolated.slice(1), "true"]).status === 0;

it.runIf(canMount)("a full disk is one clear error, and leaves nothing behind", () => {
  const script = `
    const { openDataDirectory } = await import(${JSON.stringify(new URL("../data-directory.ts", import.meta.url))});
    const { createBlobs } = await import(${JSON.stringify(new URL("./blobs.ts", import.meta.url))});
    const { execFileSync } = await import("node:child_process");
    const { readdirSync } = await import("node:fs");
    const dir = process.argv[1];
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=1m", "none", dir]);
    const data = openDataDirectory(dir);
    const clock = { now: () => new Date() };
    const blobs = createBlobs({ ...data, clock, secret: data.secretFor("x"), baseUrl: () => "", warn: () => {} });
    const error = await blobs.put("a", Buffer.alloc(2_000_000)).catch((error) => error);
    const files = readdirSync(dir + "/objects", { recursive: true }).filter((name) => name.includes("/"));
    await blobs.put("b", Buffer.from("small"));
    console.log(JSON.stringify({
      name: error.name, code: error.code, message: error.message.replace(dir, ""), files,
      after: String(await blobs.get("b")), scraps: data.database.all("select * from blob_scrap").length,
    }));
  `;
  const mountPoint = mkdtempSync(join(tmpdir(), "benchgen-full-"));
  try {
    const [command = "", ...args] = isolated;
    const node = [process.execPath, "--no-warnings", "--input-type=module", "-e", script, mountPoint];
    const { stdout, stderr } = spawnSync(command, [...args, ...node], { encoding: "utf8" });
    expect(stderr).toBe("");
    expect(JSON.parse(stdout)).toMatchObject({
      name: "PlatformFault",
      code: "disk_full",
      message: expect.stringMatching(/^The disk is full: cannot write \/objects\//),
      files: [],
      after: "small",
      scraps: 0,
    });
  } finally {
    rmSync(mountPoint, { recursive: true });
  }
});
