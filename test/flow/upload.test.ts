/** Uploads as hostile clients send them: each ends with a clear record, and nothing of it is left behind. */
import { createHash } from "node:crypto";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { type RawEntry, rawZip } from "@benchgen/core/bundle/fixture.ts";
import type { Ports } from "@benchgen/core/ports.ts";
import { sweep } from "@benchgen/core/run/sweep.ts";
import { receiveUpload } from "@benchgen/core/upload/publish.ts";
import { tableKey } from "@benchgen/core/record/key.ts";
import { blobKey } from "@benchgen/core/wire/key.ts";
import { problemSchema, uploadSchema, type Upload } from "@benchgen/core/wire/api.ts";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { announcedSchema, pack, until } from "../support/api.ts";
import { bundleFiles } from "../support/bundle.ts";
import { type Actor, type Pipeline, openPipeline } from "../support/pipeline.ts";

type Announced = ReturnType<typeof announcedSchema.parse>;

let pipeline: Pipeline;
let author: Actor;
let good: Buffer<ArrayBuffer>;

beforeAll(async () => {
  pipeline = await openPipeline();
  author = await pipeline.actor("ada", "author");
  good = await pack(bundleFiles({ title: "never published" }));
});

afterEach(async () => {
  vi.useRealTimers();
  // Every file of the store belongs to a key, in the end: what an upload leaves is deleted after it is accepted.
  await until(
    async () => {
      const { items } = await pipeline.api.local.ports.blobs.list("", { limit: 1000 });
      const files = readdirSync(join(pipeline.api.dir, "objects"), { recursive: true, withFileTypes: true });
      return files.filter((entry) => entry.isFile()).length - items.length;
    },
    (more) => more === 0,
  );
});

afterAll(() => pipeline.close());

function announce(zip: Uint8Array, more: object = {}): Promise<Announced> {
  const sha256 = createHash("sha256").update(zip).digest("hex");
  const body = { kind: "bundle", filename: "bundle.zip", size: zip.length, sha256, ...more };
  return author.json(announcedSchema, "POST", "/uploads", body);
}

async function refusal(answer: Response): Promise<[number, string]> {
  return [answer.status, problemSchema.parse(await answer.json()).code];
}

async function settled({ upload }: Announced): Promise<Upload> {
  return until(
    () => author.json(uploadSchema, "GET", `/uploads/${upload.id}`),
    ({ status }) => status !== "waiting" && status !== "checking",
  );
}

/** Announces and sends bytes as they are. */
async function sent(zip: Buffer<ArrayBuffer>): Promise<Upload> {
  const announced = await announce(zip);
  expect((await pipeline.api.put(announced.put, zip)).status).toBe(200);
  return settled(announced);
}

async function expectWaiting({ upload }: Announced): Promise<void> {
  expect(await author.json(uploadSchema, "GET", `/uploads/${upload.id}`)).toMatchObject({
    status: "waiting",
  });
  expect((await pipeline.api.local.ports.blobs.list(`uploads/${upload.id}`)).items).toEqual([]);
}

describe("a signed URL refuses", () => {
  it("content of another hash, and takes the right one afterwards", async () => {
    const announced = await announce(good);
    const wrong = Buffer.from(good);
    wrong[40]! ^= 1;
    expect(await refusal(await pipeline.api.put(announced.put, wrong))).toEqual([400, "checksum_mismatch"]);
    await expectWaiting(announced);
    expect((await pipeline.api.put(announced.put, good)).status).toBe(200);
    expect((await settled(announced)).status).toBe("accepted");
  });

  it.each([
    ["fewer bytes than announced", -1],
    ["more bytes than announced", 1],
  ])("%s, whatever length the request claims", async (_, difference) => {
    const announced = await announce(Buffer.concat([good, Buffer.from(String(difference))]));
    const size = announced.upload.size + difference;
    const body = Buffer.alloc(size);
    const honest = await pipeline.api.put(announced.put, body, { "content-length": String(size) });
    expect(await refusal(honest)).toEqual([400, "size_mismatch"]);
    expect(await refusal(await pipeline.api.put(announced.put, body))).toEqual([400, "size_mismatch"]);
    await expectWaiting(announced);
  });

  it("a body that breaks off, as its sender's affair", async () => {
    const announced = await announce(Buffer.concat([good, Buffer.from("broken")]));
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(good.subarray(0, 100));
      },
      pull: (controller) => controller.error(new Error("connection reset")),
    });
    expect(await refusal(await pipeline.api.put(announced.put, body))).toEqual([400, "body_incomplete"]);
    await expectWaiting(announced);
  });

  it("headers, methods and keys that were not signed", async () => {
    const announced = await announce(Buffer.concat([good, Buffer.from("headers")]));
    const { put } = announced;
    const other = { ...put, headers: { ...put.headers, "x-benchgen-sha256": "0".repeat(64) } };
    expect(await refusal(await pipeline.api.put(other, good))).toEqual([403, "header_mismatch"]);
    const elsewhere = { ...put, url: put.url.replace(announced.upload.id, `upl_${"0".repeat(26)}`) };
    expect(await refusal(await pipeline.api.put(elsewhere, good))).toEqual([403, "url_invalid"]);
    expect((await pipeline.api.call("GET", put.url)).status).toBe(403);
    await expectWaiting(announced);
  });

  it("everything once it has expired; and the upload itself expires, with its record", async () => {
    const late = Buffer.concat([good, Buffer.from("late")]);
    const announced = await announce(late);
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 7 * 3600 * 1000 });
    expect(await refusal(await pipeline.api.put(announced.put, late))).toEqual([403, "url_expired"]);
    await expectWaiting(announced);
    vi.setSystemTime(Date.now() + 8 * 86_400 * 1000);
    await sweepAll(pipeline.api.local.ports);
    const later = await pipeline.actor("ada", "author");
    const upload = await later.json(uploadSchema, "GET", `/uploads/${announced.upload.id}`);
    expect(upload.status).toBe("expired");
  });
});

describe("an upload that is still being checked when its time is over", () => {
  /** @param bytes that are there: from the start, as a sweep of the server's own may come at any time */
  const interrupted = async (bytes?: Uint8Array): Promise<Announced> => {
    const { ports } = pipeline.api.local;
    const announced = await announce(good);
    if (bytes !== undefined) await ports.blobs.put(blobKey.upload(announced.upload.id), bytes);
    const late = { status: "checking", usableUntil: new Date(Date.now() - 1000).toISOString() };
    const key = tableKey.upload(announced.upload.id);
    await ports.table.write([{ kind: "update", key, set: late }]);
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 120_000 });
    return announced;
  };

  it("is checked to its end while its bytes are there", async () => {
    const { ports } = pipeline.api.local;
    const announced = await interrupted(good);
    await sweepAll(ports);
    expect((await settled(announced)).status).toBe("accepted");
  });

  it("is rejected when they are gone", async () => {
    const announced = await interrupted();
    await sweepAll(pipeline.api.local.ports);
    expect(await settled(announced)).toMatchObject({
      status: "rejected",
      findings: [{ code: "upload.never_checked" }],
    });
  });
});

describe("a second PUT", () => {
  it("of the same content changes nothing", async () => {
    const zip = await pack(bundleFiles({ title: "twice" }));
    const announced = await announce(zip);
    const answers = await Promise.all([
      pipeline.api.put(announced.put, zip),
      pipeline.api.put(announced.put, zip),
    ]);
    expect(answers.map(({ ok }) => ok)).toContain(true);
    expect(await settled(announced)).toMatchObject({ status: "accepted", result: { version: 1 } });
    await pipeline.api.put(announced.put, zip);
    expect(await settled(announced)).toMatchObject({ status: "accepted", result: { version: 1 } });
    const versions = await (await author.call("GET", "/environments/twice/versions")).json();
    expect((versions as { items: unknown[] }).items).toHaveLength(1);
    await until(
      () => pipeline.api.local.ports.blobs.list(`uploads/${announced.upload.id}`),
      ({ items }) => items.length === 0,
    );
  });
});

describe("an upload is rejected with findings", () => {
  it.each([
    ["that is no zip", async () => Buffer.from("PK is not enough"), /^zip\./],
    ["that is cut off", async () => Buffer.from(good.subarray(0, good.length - 30)), /^zip\./],
    ["without a manifest", () => pack({ "readme.md": "Nothing here.\n" }), /^bundle\./],
    ["whose manifest is empty", () => pack({ "competition.yaml": "" }), /^yaml\./],
    ["that leads out of its directory", () => forged({ name: "../../etc/cron.d/x", data: "" }), /^zip\./],
    ["that inflates to far more than it is", bomb, /^zip\./],
  ])("%s", async (_, zip, code) => {
    const upload = await sent(await zip());
    expect(upload.status).toBe("rejected");
    const [finding] = upload.findings.filter(({ level }) => level === "error");
    expect(finding?.code).toMatch(code);
    expect(finding?.message).toBeTruthy();
    const events = await pipeline.api.local.events.read({ limit: 1000 });
    expect(events).toContainEqual(
      expect.objectContaining({
        type: "Environment Rejected",
        detail: expect.objectContaining({ uploadId: upload.id }) as unknown,
      }),
    );
  });

  it("also as a submission", async () => {
    const zip = Buffer.from("predictions.csv");
    const announced = await announce(zip, { kind: "submission" });
    await pipeline.api.put(announced.put, zip);
    const upload = await settled(announced);
    expect(upload.status).toBe("rejected");
    expect(await author.problem("POST", "/submissions", { uploadId: upload.id })).toMatchObject({
      status: expect.toSatisfy((status: number) => status >= 400 && status < 500) as unknown,
    });
  });

  it("and no environment comes of any of them", async () => {
    const answer = await author.call("GET", "/environments?limit=200");
    const { items } = (await answer.json()) as { items: { name: string }[] };
    expect(items.map(({ name }) => name).sort()).toEqual(["never-published", "twice"]);
  });
});

it("what was rejected is kept for a week, so that its author can fetch it, and not longer", async () => {
  const { ports } = pipeline.api.local;
  const kept = async () => (await ports.blobs.list("uploads/")).items.length;
  await sweepAll(ports);
  expect(await kept()).toBeGreaterThan(0);
  vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 8 * 86_400 * 1000 });
  await sweepAll(ports);
  expect(await kept()).toBe(0);
});

async function sweepAll(ports: Ports): Promise<void> {
  await sweep(ports, {
    receive: (id) => receiveUpload(ports, id),
    onError: (what, error) => expect.fail(`${what}: ${String(error)}`),
  });
}

/** One that no tool would pack. */
async function forged(entry: RawEntry): Promise<Buffer<ArrayBuffer>> {
  return Buffer.from(rawZip([{ name: "competition.yaml", data: "title: Forged" }, entry]));
}

/** Zeros, a third of a gigabyte of them. */
function bomb(): Promise<Buffer<ArrayBuffer>> {
  return forged({ name: "zeros", data: Buffer.alloc(340 * 1024 ** 2), deflate: true });
}
