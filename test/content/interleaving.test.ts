/** Content is put, named, forgotten and deleted by processes that overlap in every way and die anywhere. */
import { createHash } from "node:crypto";
import { setImmediate as nextTurn } from "node:timers/promises";
import { keepContent, keepCopy } from "@benchgen/core/content/keep.ts";
import { pruneContent } from "@benchgen/core/content/prune.ts";
import { deleteUnused, useSeconds } from "@benchgen/core/content/use.ts";
import { PlatformFault } from "@benchgen/core/error.ts";
import { createIds } from "@benchgen/core/port/id.ts";
import type { Blobs, Clock, Item, Table } from "@benchgen/core/ports.ts";
import { lifeFrom, uploadLifeSeconds } from "@benchgen/core/upload/record.ts";
import { blobKey, contentPrefix } from "@benchgen/core/wire/key.ts";
import { createBlobs } from "@benchgen/local/blob/blobs.ts";
import { createTable } from "@benchgen/local/table/table.ts";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { temporaryDataDirectory } from "../support/data-directory.ts";

interface Store {
  readonly table: Table;
  readonly blobs: Blobs;
  readonly clock: Clock;
  /** What was named, and until when it must be there, milliseconds since the epoch. */
  readonly promised: Promised[];
}

interface Promised {
  readonly sha256: string;
  readonly until: number;
}

class Killed extends Error {}

const dayMs = 86_400_000;
const forEver = Number.POSITIVE_INFINITY;
const kinds = ["submit", "publish", "run a model", "prune"] as const;
const processes = fc.record({
  kind: fc.constantFrom(...kinds, "prune"),
  /** Few, so that they meet. */
  content: fc.nat(2),
  /** Turns of the event loop before it begins: deletion begins with reading what is named, which takes a while. */
  begins: fc.nat(120),
  /** How many calls of a port it makes before it dies. */
  calls: fc.option(fc.nat(24)),
  /** Whether it names what it keeps, at once or in the next round. */
  names: fc.constantFrom("at once", "later", "never"),
});
/** In each round processes overlap; between rounds time passes, less than an upload lives, or more. */
const rounds = fc.array(
  fc.record({
    processes: fc.array(processes, { minLength: 1, maxLength: 5 }),
    daysAfter: fc.constantFrom(0, 0.02, 6.9, 6.9, 20),
  }),
  { minLength: 2, maxLength: 5 },
);
type Process = typeof processes extends fc.Arbitrary<infer P> ? P : never;

/** What is left to do in a later round. */
interface Later {
  readonly keptAt: number;
  readonly name: () => Promise<void>;
}

const contentOf = (number: number) => Buffer.from(`content ${number}`);
const hashOf = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
const ids = createIds();

/** One process's view: it waits some turns before and after each call, and may make only so many. */
function viewOf(store: Store, turns: () => number, calls: number | null): Store {
  let left = calls ?? Number.POSITIVE_INFINITY;
  const slowly = <P extends object>(port: P): P =>
    new Proxy(port, {
      get:
        (target, name) =>
        async (...given: unknown[]) => {
          if (left-- <= 0) throw new Killed();
          for (let turn = turns(); turn > 0; turn--) await nextTurn();
          const result = await (Reflect.get(target, name) as (...args: unknown[]) => unknown)(...given);
          for (let turn = turns(); turn > 0; turn--) await nextTurn();
          return result;
        },
    });
  return { ...store, table: slowly(store.table), blobs: slowly(store.blobs) };
}

function disposable<T extends { close: () => void }>(opened: T): T & Disposable {
  return { ...opened, [Symbol.dispose]: opened.close };
}

const put = ({ table }: Store, item: Item) => table.write([{ kind: "put", item }]);

/** As `checkUpload` and `createSubmission`: the upload names its content until it expires, then the submission. */
async function submit(store: Store, bytes: Buffer): Promise<() => Promise<void>> {
  const sha256 = hashOf(bytes);
  const now = store.clock.now();
  const id = ids.next("upl");
  const upload = { pk: `UPLOAD#${id}`, sk: "UPLOAD", sha256, createdAt: now.toISOString(), ...lifeFrom(now) };
  await put(store, { ...upload, status: "waiting" });
  await store.blobs.put(blobKey.upload(id), bytes);
  await put(store, { ...upload, status: "checking" });
  await keepCopy(store, sha256, blobKey.upload(id));
  await put(store, { ...upload, status: "accepted" });
  store.promised.push({ sha256, until: Date.parse(upload.usableUntil) });
  return async () => {
    if (store.clock.now().toISOString() < upload.usableUntil) await nameSubmission(store, sha256);
  };
}

/** As `publishUpload`: its files, the document that names them, the version that names the document. */
async function publish(store: Store, bytes: Buffer): Promise<() => Promise<void>> {
  await keepContent(store, { sha256: hashOf(bytes), size: bytes.length }, () => bytes);
  const file = { kind: "file", sha256: hashOf(bytes), size: bytes.length };
  const document = Buffer.from(JSON.stringify({ manifest: {}, programs: {}, files: { file } }));
  const sha256 = hashOf(document);
  await keepContent(store, { sha256, size: document.length }, () => document);
  return async () => {
    await put(store, { pk: `ENV#${ids.next("env")}`, sk: "VERSION#00000001", document: sha256 });
    for (const each of [sha256, file.sha256]) store.promised.push({ sha256: each, until: forEver });
  };
}

async function runModel(store: Store, bytes: Buffer): Promise<() => Promise<void>> {
  const sha256 = hashOf(bytes);
  await keepContent(store, { sha256, size: bytes.length }, () => bytes);
  return () => nameSubmission(store, sha256);
}

async function nameSubmission(store: Store, sha256: string): Promise<void> {
  await put(store, { pk: `SUB#${ids.next("sub")}`, sk: "SUB", sha256 });
  store.promised.push({ sha256, until: forEver });
}

const steps = { submit, publish, "run a model": runModel };

async function live(store: Store, { kind, content, begins, names }: Process): Promise<Later | undefined> {
  for (let turn = begins; turn > 0; turn--) await nextTurn();
  if (kind === "prune") {
    // All content counts as old: its age is no part of why this is safe.
    const storedBefore = new Date(store.clock.now().getTime() + dayMs).toISOString();
    await pruneContent(store, { storedBefore, countOnly: false });
    return undefined;
  }
  const keptAt = store.clock.now().getTime();
  const name = await steps[kind](store, contentOf(content));
  if (names === "at once") await name();
  return names === "later" ? { keptAt, name } : undefined;
}

/** Whoever meets the mark of a process that died while it deleted is told to try again. */
const isExpected = (error: unknown) =>
  error instanceof Killed || (error instanceof PlatformFault && error.code === "content_in_deletion");

const promisedAt = ({ promised }: Store, time: number) =>
  [...new Set(promised.filter(({ until }) => until > time).map(({ sha256 }) => sha256))]
    .map(blobKey.content)
    .sort();

const stored = async ({ blobs }: Store) => (await blobs.list(contentPrefix)).items.map(({ key }) => key);

test("nothing named is lost, and in the end nothing else is left", async () => {
  await fc.assert(
    fc.asyncProperty(rounds, fc.infiniteStream(fc.nat(4)), async (plan, turns) => {
      using data = disposable(temporaryDataDirectory());
      let time = Date.parse("2026-01-01T00:00:00Z");
      // A call takes a tenth of a second.
      const clock = { now: () => new Date((time += 100)) };
      const options = { ...data, clock, secret: data.secretFor("test"), baseUrl: () => "" };
      const store = { table: createTable(options), blobs: createBlobs(options), clock, promised: [] };
      const turn = () => turns.next().value ?? 0;
      // What processes left long ago that died before they named it.
      for (const number of [0, 1, 2]) await publish(store, contentOf(number));
      time += 2 * useSeconds * 1000;
      let later: Later[] = [];
      for (const { processes, daysAfter } of plan) {
        const due = later.filter(({ keptAt }) => time - keptAt < uploadLifeSeconds * 1000);
        const ends = await Promise.allSettled([
          ...due.map(({ name }) => name()),
          ...processes.map((process) => live(viewOf(store, turn, process.calls), process)),
        ]);
        for (const end of ends) if (end.status === "rejected") expect(isExpected(end.reason)).toBe(true);
        later = ends.flatMap((end) =>
          end.status === "fulfilled" && end.value !== undefined ? [end.value] : [],
        );
        expect(await stored(store)).toEqual(expect.arrayContaining(promisedAt(store, time)));
        time += daysAfter * dayMs;
      }
      // Until nobody may rely on anything, and no upload names anything, any more.
      time += 2 * useSeconds * 1000;
      const storedBefore = clock.now().toISOString();
      await put(store, { pk: "any", sk: "any" });
      const counted = await pruneContent(store, { storedBefore, countOnly: true });
      expect(await pruneContent(store, { storedBefore, countOnly: false })).toEqual(counted);
      expect(await stored(store)).toEqual(promisedAt(store, time));
    }),
    { numRuns: 25 },
  );
});

test("content that is kept while it is deleted is there afterwards", async () => {
  using data = disposable(temporaryDataDirectory());
  const options = { ...data, secret: data.secretFor("test"), baseUrl: () => "" };
  const store = { table: createTable(options), blobs: createBlobs(options), clock: data.clock };
  const begins = fc.array(fc.nat(30), { minLength: 1, maxLength: 3 });
  let number = 0;
  await fc.assert(
    fc.asyncProperty(begins, begins, fc.infiniteStream(fc.nat(4)), async (keeps, deletions, turns) => {
      const bytes = contentOf(++number);
      const sha256 = hashOf(bytes);
      const key = blobKey.content(sha256);
      await store.blobs.put(key, bytes);
      const view = viewOf({ ...store, promised: [] }, () => turns.next().value ?? 0, null);
      const after = async (begins: number, work: () => Promise<unknown>) => {
        for (let turn = begins; turn > 0; turn--) await nextTurn();
        await work();
      };
      const keep = () => keepContent(view, { sha256, size: bytes.length }, () => bytes);
      const unusedSince = Date.now() / 1000 - useSeconds;
      const remove = () =>
        deleteUnused(view, { sha256, unusedSince, countOnly: false }, () => view.blobs.delete(key));
      await Promise.all([
        ...keeps.map((begins) => after(begins, keep)),
        ...deletions.map((begins) => after(begins, remove)),
      ]);
      expect(await store.blobs.get(key)).toEqual(bytes);
    }),
    { numRuns: 300 },
  );
});
