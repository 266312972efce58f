/** Uploads in parts as clients send them, careless and hostile ones too: whole or not at all, and nothing left behind. */
import { createHash } from "node:crypto";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { Ports } from "@benchgen/core/ports.ts";
import { sweep } from "@benchgen/core/run/sweep.ts";
import { type PartPlan, defaultUploadPolicy, partRange } from "@benchgen/core/upload/part-plan.ts";
import { receiveUpload } from "@benchgen/core/upload/publish.ts";
import {
  type Upload,
  arrivedPartsSchema,
  createdUploadSchema,
  signedPartsSchema,
  submissionSchema,
  uploadSchema,
} from "@benchgen/core/wire/api.ts";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { pack, until } from "../support/api.ts";
import { bundleFiles } from "../support/bundle.ts";
import { type Actor, type Pipeline, openPipeline } from "../support/pipeline.ts";

let pipeline: Pipeline;
let author: Actor;

beforeAll(async () => {
  pipeline = await openPipeline({
    uploadPolicy: { ...defaultUploadPolicy, onePutBytes: 100, partBytes: 500 },
  });
  author = await pipeline.actor("ada", "author");
});
afterEach(() => {
  vi.useRealTimers();
});
afterAll(async () => {
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 9 * 86_400 * 1000 });
  await sweepAll(pipeline.api.local.ports);
  expect(readdirSync(join(pipeline.api.dir, "parts"))).toEqual([]);
  vi.useRealTimers();
  await pipeline.close();
});

interface InParts {
  readonly upload: Upload;
  readonly plan: PartPlan;
  readonly zip: Buffer;
}

let made = 0;
/** A bundle no other test has. */
const bundle = () => pack(bundleFiles({ title: `Parts ${++made}` }));

async function announce(zip: Buffer, more: object = {}, actor = author): Promise<InParts> {
  const body = { kind: "bundle", filename: "bundle.zip", size: zip.length, sha256: hashOf(zip), ...more };
  const { upload, put } = await actor.json(createdUploadSchema, "POST", "/uploads", body);
  expect(put).toBeUndefined();
  return { upload, plan: upload.parts!, zip };
}

function partOf({ zip, plan }: InParts, number: number): Buffer<ArrayBuffer> {
  const { start, end } = partRange(zip.length, plan, number);
  return Buffer.from(zip.subarray(start, end));
}

function described(number: number, content: Uint8Array) {
  return { number, size: content.length, sha256: hashOf(content) };
}

/** Sends parts, all by default. @returns the answers' statuses */
async function sendParts(inParts: InParts, numbers = allOf(inParts), contents = new Map<number, Buffer>()) {
  const content = (number: number) => contents.get(number) ?? partOf(inParts, number);
  const parts = numbers.map((number) => described(number, content(number)));
  const path = `/uploads/${inParts.upload.id}/parts`;
  const { items } = await author.json(signedPartsSchema, "POST", path, { parts });
  const answers = items.map(({ number, put }) => pipeline.api.put(put, Buffer.from(content(number))));
  return (await Promise.all(answers)).map(({ status }) => status);
}

const hashOf = (content: Uint8Array) => createHash("sha256").update(content).digest("hex");
const allOf = ({ plan }: InParts) => Array.from({ length: plan.count }, (_, index) => index + 1);
const complete = ({ upload }: InParts) => author.json(uploadSchema, "POST", `/uploads/${upload.id}/complete`);
const completion = ({ upload }: InParts) => author.problem("POST", `/uploads/${upload.id}/complete`);
const signing = ({ upload }: InParts, ...parts: object[]) =>
  author.problem("POST", `/uploads/${upload.id}/parts`, { parts });
const arrived = async ({ upload }: InParts) =>
  (await author.json(arrivedPartsSchema, "GET", `/uploads/${upload.id}/parts`)).items;

async function settled({ upload }: InParts): Promise<Upload> {
  return until(
    () => author.json(uploadSchema, "GET", `/uploads/${upload.id}`),
    ({ status }) => status !== "waiting" && status !== "checking",
  );
}

describe("an upload in parts", () => {
  it("is accepted like any other once all have come, in any order, and are put together", async () => {
    const inParts = await announce(await bundle());
    const { plan, zip, upload } = inParts;
    expect(plan).toEqual({ size: 500, count: Math.ceil(zip.length / 500) });
    expect(await sendParts(inParts, allOf(inParts).reverse())).toEqual(allOf(inParts).map(() => 200));
    expect(await arrived(inParts)).toEqual(
      allOf(inParts).map((number) => described(number, partOf(inParts, number))),
    );
    expect((await author.json(uploadSchema, "GET", `/uploads/${upload.id}`)).status).toBe("waiting");
    await complete(inParts);
    expect(await settled(inParts)).toMatchObject({ status: "accepted", result: { version: 1 } });
  });

  it("can be a submission", async () => {
    const inParts = await announce(await pack({ "score.txt": "x".repeat(1000) }), { kind: "submission" });
    await sendParts(inParts);
    await complete(inParts);
    expect(await settled(inParts)).toMatchObject({ status: "accepted" });
    await author.json(submissionSchema, "POST", "/submissions", { uploadId: inParts.upload.id });
  });

  it("is rejected when the whole is not what was announced, whatever its parts claim", async () => {
    const inParts = await announce(await bundle());
    const other = Buffer.from(partOf(inParts, 2));
    other[7]! ^= 1;
    await sendParts(inParts, allOf(inParts), new Map([[2, other]]));
    await complete(inParts);
    const { status, findings } = await settled(inParts);
    expect([status, findings[0]?.code]).toEqual(["rejected", "checksum_mismatch"]);
  });

  it("takes a part again, and the last one counts", async () => {
    const inParts = await announce(await bundle());
    await sendParts(inParts, allOf(inParts), new Map([[1, Buffer.alloc(500)]]));
    await sendParts(inParts, [1]);
    await complete(inParts);
    expect(await settled(inParts)).toMatchObject({ status: "accepted" });
  });
});

describe("announcing the same content again", () => {
  const again = (inParts: InParts, more: object = {}, actor = author) => {
    const { zip } = inParts;
    const body = { kind: "bundle", filename: "b.zip", size: zip.length, sha256: hashOf(zip), ...more };
    return actor.call("POST", "/uploads", { body });
  };
  const idOf = async (answer: Response) => createdUploadSchema.parse(await answer.json()).upload.id;

  it("finds the upload that is not over, with the parts that are there", async () => {
    const inParts = await announce(await bundle());
    await sendParts(inParts, [2]);
    const answer = await again(inParts);
    expect(answer.status).toBe(200);
    expect(answer.headers.get("location")).toBe(`/uploads/${inParts.upload.id}`);
    expect(await idOf(answer)).toBe(inParts.upload.id);
    expect((await arrived(inParts)).map(({ number }) => number)).toEqual([2]);
  });

  it("begins a new one for another use, or for someone else", async () => {
    const inParts = await announce(await bundle());
    const other = await pipeline.actor("bob", "author");
    for (const answer of [
      await again(inParts, { purpose: "run" }),
      await again(inParts, { environment: "elsewhere" }),
      await again(inParts, { kind: "submission" }),
      await again(inParts, {}, other),
    ]) {
      expect(answer.status).toBe(201);
      expect(await idOf(answer)).not.toBe(inParts.upload.id);
    }
  });

  it("begins a new one once that is over, or soon will be", async () => {
    const inParts = await announce(await bundle());
    await sendParts(inParts);
    await complete(inParts);
    await settled(inParts);
    expect((await again(inParts)).status).toBe(201);
    const old = await announce(await bundle());
    vi.useFakeTimers({ toFake: ["Date"], now: Date.parse(old.upload.expiresAt) - 1000 });
    const later = await pipeline.actor("ada", "author");
    expect(await idOf(await again(old, {}, later))).not.toBe(old.upload.id);
  });
});

describe("is refused, and changes nothing:", () => {
  it("a part that the upload does not have, or of another size", async () => {
    const inParts = await announce(await bundle());
    const part = described(1, partOf(inParts, 1));
    for (const number of [0, -1, inParts.plan.count + 1, 10_001]) {
      const problem = await signing(inParts, part, { ...part, number });
      expect([problem.status, problem.code]).toEqual([400, "part_number_invalid"]);
    }
    for (const size of [0, 499, 501]) {
      expect(await signing(inParts, { ...part, size })).toMatchObject({ code: "part_size_invalid" });
    }
    expect(await signing(inParts, described(inParts.plan.count, partOf(inParts, 1)))).toMatchObject({
      code: "part_size_invalid",
    });
    expect((await signing(inParts)).status).toBe(422);
    expect((await signing(inParts, ...Array.from({ length: 101 }, () => part))).status).toBe(422);
    expect((await signing(inParts, { ...part, number: 1.5 })).status).toBe(422);
    expect(await arrived(inParts)).toEqual([]);
  });

  it("other bytes than a part was signed for, and a part in another's place", async () => {
    const inParts = await announce(await bundle());
    const path = `/uploads/${inParts.upload.id}/parts`;
    const parts = [described(1, partOf(inParts, 1))];
    const { items } = await author.json(signedPartsSchema, "POST", path, { parts });
    const { put } = items[0]!;
    expect((await pipeline.api.put(put, Buffer.alloc(500))).status).toBe(400);
    expect((await pipeline.api.put(put, partOf(inParts, 1).subarray(1))).status).toBe(400);
    const elsewhere = { ...put, url: put.url.replace("part=1", "part=2") };
    expect((await pipeline.api.put(elsewhere, partOf(inParts, 1))).status).toBe(403);
    expect(await arrived(inParts)).toEqual([]);
  });

  it("to complete while parts are missing", async () => {
    const inParts = await announce(await bundle());
    expect(await completion(inParts)).toMatchObject({ status: 409, code: "parts_missing" });
    await sendParts(inParts, allOf(inParts).slice(1));
    const problem = await completion(inParts);
    expect(problem.detail).toBe(`1 of ${inParts.plan.count} parts have not arrived: 1.`);
    await sendParts(inParts, [1]);
    await complete(inParts);
    expect(await settled(inParts)).toMatchObject({ status: "accepted" });
  });

  it("parts after completion; completing twice, also at once, is once", async () => {
    const inParts = await announce(await bundle());
    const path = `/uploads/${inParts.upload.id}/parts`;
    const part = described(1, partOf(inParts, 1));
    const { items } = await author.json(signedPartsSchema, "POST", path, { parts: [part] });
    await sendParts(inParts);
    const ends = await Promise.all([complete(inParts), complete(inParts), complete(inParts)]);
    expect(ends.map(({ id }) => id)).toEqual(ends.map(() => inParts.upload.id));
    expect(await signing(inParts, part)).toMatchObject({ status: 409, code: "upload_complete" });
    expect((await pipeline.api.put(items[0]!.put, partOf(inParts, 1))).status).toBe(404);
    expect((await arrived(inParts)).map(({ number }) => number)).toEqual(allOf(inParts));
    expect(await settled(inParts)).toMatchObject({ status: "accepted", result: { version: 1 } });
    await complete(inParts);
    await until(
      () => pipeline.api.local.ports.blobs.list(`uploads/${inParts.upload.id}`),
      ({ items: left }) => left.length === 0,
    );
  });

  it("what is someone else's", async () => {
    const inParts = await announce(await bundle());
    await sendParts(inParts);
    const stranger = await pipeline.actor("eve", "author");
    const path = `/uploads/${inParts.upload.id}`;
    const parts = [described(1, partOf(inParts, 1))];
    expect((await stranger.problem("GET", `${path}/parts`)).status).toBe(404);
    expect((await stranger.problem("POST", `${path}/parts`, { parts })).status).toBe(404);
    expect((await stranger.problem("POST", `${path}/complete`)).status).toBe(404);
    expect(await arrived(inParts)).toHaveLength(inParts.plan.count);
  });

  it("an upload that is sent in one PUT", async () => {
    const zip = Buffer.alloc(100);
    const body = { kind: "bundle", filename: "small.zip", size: zip.length, sha256: hashOf(zip) };
    const { upload, put } = await author.json(createdUploadSchema, "POST", "/uploads", body);
    expect(put).toBeDefined();
    const problem = { status: 409, code: "upload_not_in_parts" };
    expect(await author.problem("POST", `/uploads/${upload.id}/complete`)).toMatchObject(problem);
    expect(await author.problem("GET", `/uploads/${upload.id}/parts`)).toMatchObject(problem);
  });

  it("everything once the upload has expired; its parts go with it", async () => {
    const inParts = await announce(await bundle());
    await sendParts(inParts, [1]);
    vi.useFakeTimers({ toFake: ["Date"], now: Date.parse(inParts.upload.expiresAt) + 1000 });
    author = await pipeline.actor("ada", "author");
    const expired = { status: 409, code: "upload_expired" };
    expect(await completion(inParts)).toMatchObject(expired);
    await sweepAll(pipeline.api.local.ports);
    expect(await completion(inParts)).toMatchObject(expired);
    expect(await signing(inParts, described(1, partOf(inParts, 1)))).toMatchObject(expired);
    expect(readdirSync(join(pipeline.api.dir, "parts"))).toEqual([]);
    vi.useRealTimers();
    author = await pipeline.actor("ada", "author");
  });
});

it("is taken up by the sweep when the server died after it had put the parts together", async () => {
  const inParts = await announce(await bundle());
  await sendParts(inParts);
  const { ports } = pipeline.api.local;
  // As if completed by a process that died before it could say so to anyone.
  const key = `uploads/${inParts.upload.id}.zip`;
  await ports.blobs.put(key, inParts.zip, { contentType: "application/zip" });
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 120_000 });
  await sweepAll(ports);
  expect(await settled(inParts)).toMatchObject({ status: "accepted" });
});

async function sweepAll(ports: Ports): Promise<void> {
  await sweep(ports, {
    receive: (id) => receiveUpload(ports, id),
    onError: (what, error) => expect.fail(`${what}: ${String(error)}`),
  });
}
