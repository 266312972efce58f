/** Many sources of one run's progress, each with a memory of its own, over the table and the bus of one machine. */
import { createIds } from "@benchgen/core/port/id.ts";
import { tableKey } from "@benchgen/core/record/key.ts";
import { toItem } from "@benchgen/core/record/record.ts";
import type { ProgressSource } from "@benchgen/core/run/announce.ts";
import { announceMs } from "@benchgen/core/run/announcement.ts";
import { Announcer } from "@benchgen/core/run/announcer.ts";
import type { BenchgenEvent } from "@benchgen/core/wire/event.ts";
import type { RunId } from "@benchgen/core/wire/id.ts";
import * as fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type TestApi, openApi } from "../support/api.ts";

type Progressed = Extract<BenchgenEvent, { type: "Run Progressed" }>;

const ids = createIds();
const start = Date.parse("2026-11-21T10:00:00.000Z");
let api: TestApi;
const published: BenchgenEvent[] = [];
beforeAll(async () => {
  api = await openApi();
  api.local.events.subscribe((event) => published.push(event));
});
afterAll(() => api.close());

/** A run that has begun, and sources in as many processes as asked for. */
async function begin(processes: number, more: object = {}) {
  const { table, bus } = api.local.ports;
  const run: RunId = ids.next("run");
  const environment = { id: ids.next("env"), name: "arithmetic", version: 1 };
  const detail = { version: 1, run: { id: run, name: "solver", participant: "ada" }, environment };
  const item = { run: { ...detail, phase: { index: 0, name: "Main" } }, hidesOutput: false, prints: false };
  const key = tableKey.progress(run);
  await table.write([
    { kind: "put", item: toItem(key, { ...item, count: 0, toldAt: 0, told: {}, ...more }) },
  ]);
  let now = start;
  const errors: unknown[] = [];
  const announcers = Array.from(
    { length: processes },
    () => new Announcer({ table, bus, clock: { now: () => new Date(now) } }, (error) => errors.push(error)),
  );
  return {
    run,
    announcers,
    errors,
    at: (ms: number) => (now = start + ms),
    end: () => table.write([{ kind: "delete", key }]),
    told: () =>
      published.filter(
        (event): event is Progressed => event.type === "Run Progressed" && event.detail.run.id === run,
      ),
  };
}

const printed = (runId: RunId, done: number, atMs: number): ProgressSource => {
  const progress = { done, total: 20, at: new Date(start + atMs).toISOString() };
  return { kind: "printed", runId, taskIndex: 0, job: "scoring", progress };
};

it("makes events that only grow, ten seconds apart but for the last word, however the sources interleave", async () => {
  const looks = fc.array(fc.record({ afterMs: fc.nat(12_000), by: fc.nat(3), lateMs: fc.nat(9000) }), {
    minLength: 1,
    maxLength: 25,
  });
  await fc.assert(
    fc.asyncProperty(looks, async (all) => {
      const { run, announcers, errors, at, told } = await begin(4);
      let now = 0;
      for (const { afterMs, by, lateMs } of all) {
        now += afterMs;
        at(now);
        // Everyone at once, one of them with what it heard a while ago.
        await Promise.all(
          announcers.map(async (announcer, index) => {
            const seenAt = index === by ? Math.max(0, now - lateMs) : now;
            await announcer.say(printed(run, Math.min(20, Math.floor(seenAt / 5000)), seenAt));
          }),
        );
      }
      expect(errors).toEqual([]);
      const events = told();
      expect(events.map(({ id }) => id)).toEqual(events.map((_, index) => `progressed-${run}-${index + 1}`));
      const done = events.map(({ detail }) => detail.progress.done);
      expect(done).toEqual([...new Set(done)].toSorted((a, b) => a - b));
      const times = events
        .filter(({ detail }) => detail.progress.percent !== 100)
        .map(({ time }) => Date.parse(time));
      for (const [index, time] of times.entries()) {
        if (index > 0) expect(time - times[index - 1]!).toBeGreaterThanOrEqual(announceMs);
      }
    }),
    { numRuns: 30 },
  );
});

it("tells the last word once, whoever says it first, and nothing after the run's end", async () => {
  const { run, announcers, at, end, told } = await begin(3);
  await announcers[0]!.say(printed(run, 1, 0));
  at(1000);
  await Promise.all(announcers.map((announcer) => announcer.say(printed(run, 20, 1000))));
  expect(told().map(({ detail }) => detail.progress.percent)).toEqual([5, 100]);
  await end();
  at(60_000);
  const late = { ...printed(run, 3, 60_000), job: "ingestion" as const };
  await Promise.all(announcers.map((announcer) => announcer.say(late)));
  await new Announcer(api.local.ports, () => expect.unreachable()).say(late);
  expect(told()).toHaveLength(2);
  expect(await api.local.ports.table.get(tableKey.progress(run))).toBeUndefined();
});

it("counts calls of all processes together, and is silent about them once a program prints", async () => {
  const { run, announcers, at, told } = await begin(2, { calls: { expected: 4, task: 0 } });
  const { table } = api.local.ports;
  const key = tableKey.callTotals(run);
  const call = async (by: number) => {
    await table.write([{ kind: "update", key, add: { calls: 1, failed: by } }]);
    await announcers[by]!.callEnded({ runId: run, program: "ingestion" });
  };
  await call(0);
  await call(1);
  await announcers[0]!.callEnded({ runId: run, program: "scoring" });
  at(announceMs);
  await call(0);
  expect(told().map(({ detail: { progress, usage } }) => [progress.done, progress.percent, usage])).toEqual([
    [1, 25, { calls: 1, failed: 0, costUsd: 0 }],
    [3, 75, { calls: 3, failed: 1, costUsd: 0 }],
  ]);
  at(announceMs + 1);
  expect(await announcers[0]!.say(printed(run, 2, announceMs + 1))).toBe(start + 2 * announceMs);
  at(3 * announceMs);
  await call(1);
  await announcers[0]!.say(printed(run, 3, 3 * announceMs));
  await announcers[1]!.callEnded({ runId: run, program: "ingestion" });
  expect(told()[2]?.detail.progress).toMatchObject({ done: 3, total: 20 });
  expect(told()).toHaveLength(3);
});
