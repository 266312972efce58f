import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Progress } from "../wire/api.ts";
import { eventDetails } from "../wire/event.ts";
import {
  type Announcement,
  type Said,
  announceMs,
  announcementSchema,
  decide,
  progressedEvent,
} from "./announcement.ts";

const start = Date.parse("2026-11-21T10:00:00.000Z");
const fresh: Announcement = {
  run: {
    version: 1,
    run: { id: "run_01jd0c2v5w8x9y0z1a2b3c4d5e", name: "solver", participant: "ada" },
    environment: { id: "env_01jd0c2v5w8x9y0z1a2b3c4d5e", name: "arithmetic", version: 1 },
    phase: { index: 0, name: "Main" },
  },
  hidesOutput: false,
  prints: false,
  count: 0,
  toldAt: 0,
  told: {},
};

const printed = (done: number, total: number, atMs: number, task = 0): Said => ({
  task,
  stage: "ingestion",
  progress: { done, total, at: new Date(start + atMs).toISOString() },
});
const calls = (done: number, atMs: number): Said => ({
  task: 0,
  stage: "calls",
  progress: { done, unit: "calls", at: new Date(start + atMs).toISOString() },
});

/** What becomes of the item, and which of them were told, when each is said at its own time. */
function sayAll(said: readonly Said[], from = fresh) {
  let known = from;
  const verdicts = said.map((each) => {
    const { verdict, change } = decide(known, each, Date.parse(each.progress.at));
    known = announcementSchema.parse({ ...known, ...change });
    return verdict;
  });
  return { known, verdicts };
}

describe("a word on progress", () => {
  it("is told when it is the first, and then ten seconds after the one before", () => {
    const { known, verdicts } = sayAll([
      printed(1, 100, 0),
      printed(2, 100, announceMs - 1),
      printed(3, 100, announceMs),
    ]);
    expect(verdicts).toEqual(["tell", "early", "tell"]);
    expect(known).toMatchObject({ count: 2, toldAt: start + announceMs, prints: true });
  });

  it("waits for those of other tasks: the events of a run are counted together", () => {
    expect(sayAll([printed(1, 9, 0), printed(1, 9, 5000, 1)]).verdicts).toEqual(["tell", "early"]);
  });

  it("is told at once, but once, when it says that all is done", () => {
    const { verdicts } = sayAll([
      printed(8, 9, 0),
      printed(9, 9, 1),
      printed(1, 9, 2),
      printed(9, 9, 3),
      printed(3, 3, 4),
      { ...printed(5, 5, 5), stage: "scoring" },
    ]);
    expect(verdicts).toEqual(["tell", "tell", "early", "needless", "early", "tell"]);
  });

  it("is not told again, nor when what was told is newer", () => {
    const { verdicts } = sayAll([printed(5, 9, 0), printed(5, 9, 20_000)]);
    expect(verdicts).toEqual(["tell", "needless"]);
    const { known } = sayAll([printed(5, 9, 60_000)]);
    expect(decide(known, printed(6, 9, 30_000), start + 90_000).verdict).toBe("needless");
  });

  it("may be less than before: a program begins anew for each of its epochs", () => {
    expect(sayAll([printed(9, 9, 0), printed(1, 9, 20_000)]).verdicts).toEqual(["tell", "tell"]);
  });

  it("is never told of what the phase hides, but of calls it is", () => {
    const hiding = { ...fresh, hidesOutput: true };
    const { known, verdicts } = sayAll([printed(1, 9, 0), calls(3, 1)], hiding);
    expect(verdicts).toEqual(["needless", "tell"]);
    expect(known.prints).toBe(false);
    expect(decide(hiding, printed(1, 9, 0), start).dueAt).toBe(Number.POSITIVE_INFINITY);
  });

  it("in print silences calls, also before it is told itself", () => {
    const { known, verdicts } = sayAll([
      calls(1, 0),
      printed(1, 9, 1),
      calls(2, 60_000),
      printed(2, 9, 60_001),
    ]);
    expect(verdicts).toEqual(["tell", "early", "needless", "tell"]);
    expect(decide(known, calls(9, 90_000), start + 90_000).dueAt).toBe(Number.POSITIVE_INFINITY);
  });
});

it("the item stays small, however many tasks say something", () => {
  const said = Array.from({ length: 500 }, (_, task) => printed(1, 9, task * announceMs, task));
  const { known, verdicts } = sayAll(said);
  expect(new Set(verdicts)).toEqual(new Set(["tell"]));
  expect(Object.keys(known.told)).toHaveLength(40);
  expect(JSON.stringify(known).length).toBeLessThan(6000);
});

it("an event says the run, the task, how much of all that is, and what the calls came to", () => {
  const usage = { calls: 7, failed: 1, costUsd: null };
  const progress: Progress = {
    done: 2,
    total: 3,
    at: new Date(start).toISOString(),
    values: { accuracy: 0.5 },
  };
  const detail = progressedEvent(fresh, { task: 4, stage: "scoring", progress }, usage);
  expect(detail).toEqual({
    ...fresh.run,
    task: 4,
    progress: { ...progress, percent: 66 },
    usage: { calls: 7, failed: 1, costUsd: null },
  });
  expect(eventDetails["Run Progressed"].parse(detail)).toEqual(detail);
  expect(progressedEvent(fresh, { ...calls(3, 0), task: undefined }, undefined)).toEqual({
    ...fresh.run,
    progress: { done: 3, unit: "calls", at: new Date(start).toISOString() },
  });
});

/** Programs that count upwards, each seen by several sources that are late by different times, in any order. */
const looks = fc.array(fc.record({ task: fc.nat(2), atMs: fc.nat(100_000), lateMs: fc.nat(30_000) }), {
  maxLength: 80,
});

it("whatever the sources see, and however late: events of a run are ten seconds apart, and of a task they only grow", () => {
  fc.assert(
    fc.property(looks, (seen) => {
      let known = fresh;
      const told: { task: number; done: number; whole: boolean; now: number }[] = [];
      const order = seen.toSorted((a, b) => a.atMs + a.lateMs - (b.atMs + b.lateMs));
      for (const { task, atMs, lateMs } of order) {
        const done = Math.floor(atMs / 10_000);
        const now = start + atMs + lateMs;
        const { verdict, change } = decide(known, printed(done, 10, atMs, task), now);
        known = { ...known, ...change };
        if (verdict === "tell") told.push({ task, done, whole: done === 10, now });
      }
      for (const task of [0, 1, 2]) {
        const of = told.filter((each) => each.task === task).map(({ done }) => done);
        expect(of).toEqual([...new Set(of)].toSorted((a, b) => a - b));
      }
      for (const [position, { whole, now }] of told.entries()) {
        const before = told[position - 1];
        if (before !== undefined && !whole) expect(now - before.now).toBeGreaterThanOrEqual(announceMs);
      }
      expect(told.filter(({ whole }) => whole).length).toBeLessThanOrEqual(3);
    }),
  );
});
