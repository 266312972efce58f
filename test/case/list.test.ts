import type { CaseQuery } from "@benchgen/core/case/cursor.ts";
import { findCase } from "@benchgen/core/case/find.ts";
import { type RunCases, pageOfCases } from "@benchgen/core/case/list.ts";
import { caseOutcomes, failureCategories } from "@benchgen/core/wire/case.ts";
import { blobKey } from "@benchgen/core/wire/key.ts";
import * as fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CountingBlobs, linesOf, runId, storeRun, temporaryBlobs } from "../support/case.ts";

let blobs: CountingBlobs;
let close: () => void;
beforeAll(() => {
  ({ blobs, close } = temporaryBlobs());
});
afterAll(() => close());

/** All pages of a list, one after the other. */
async function listAll(
  run: RunCases,
  query: CaseQuery,
  limit: number,
): Promise<[task: number, id: string][]> {
  const found: [number, string][] = [];
  let cursor: string | undefined;
  do {
    const page = await pageOfCases({ blobs }, run, { ...query, limit, cursor });
    expect(page.items.length).toBeLessThanOrEqual(limit);
    found.push(...page.items.map(({ task, id }): [number, string] => [task, id]));
    cursor = page.cursor;
  } while (cursor !== undefined);
  return found;
}

interface TestCase {
  readonly id: string;
  readonly passed: boolean | null;
  readonly output: string;
  readonly error?: { type: string };
  readonly failure?: { category: string };
}

/** The plain reading of what a filter means, to compare with. */
function naive(cases: readonly TestCase[], { outcome, category, q }: CaseQuery): string[] {
  return cases
    .filter(({ id, passed, output, error, failure }) => {
      const status = passed === null ? "not_scored" : passed ? "passed" : "failed";
      const erred = error !== undefined && status !== "passed";
      const why = erred ? "error" : status === "failed" ? (failure?.category ?? "incorrect") : undefined;
      return (
        (outcome === undefined || outcome === status) &&
        (category === undefined || category === why) &&
        (q === undefined || `${id}\n${output}`.toLowerCase().includes(q.toLowerCase()))
      );
    })
    .map(({ id }) => id);
}

const categories = ["mine", "yours", "incorrect", "error"];
const word = fc.constantFrom("Paris", "ångström", "ÅNGSTRÖM", "42", "\n", "\u0000", "数", "a");

function testCase(id: string) {
  return fc.record(
    {
      id: fc.constant(id),
      passed: fc.constantFrom(true, false, null),
      output: fc.array(word, { minLength: 1, maxLength: 30 }).map((words) => `= ${words.join(" ")}`),
      error: fc.constant({ type: "timeout" }),
      failure: fc.constantFrom(...categories.slice(0, 2)).map((category) => ({ category })),
    },
    { requiredKeys: ["id", "passed", "output"] },
  );
}

const tasks = fc
  .array(fc.integer({ min: 0, max: 40 }), { minLength: 1, maxLength: 3 })
  .chain((sizes) =>
    fc.tuple(...sizes.map((size) => fc.tuple(...Array.from({ length: size }, (_, i) => testCase(`c${i}`))))),
  );
const query = fc.record(
  {
    outcome: fc.constantFrom(...caseOutcomes),
    category: fc.constantFrom(...categories, "unheard of"),
    q: fc.constantFrom("paris", "NGSTR", "42 42", "c1", "数", "nowhere"),
  },
  { requiredKeys: [] },
);

describe("the pages of a run's cases", () => {
  it("have exactly the cases that match, in order, whatever is asked and however many a page has", async () => {
    await fc.assert(
      fc.asyncProperty(tasks, query, fc.integer({ min: 1, max: 50 }), async (written, asked, limit) => {
        const run = await storeRun(blobs, written.map(linesOf));
        const expected = written.flatMap((cases, task) => naive(cases, asked).map((id) => [task, id]));
        expect(await listAll(run, asked, limit)).toEqual(expected);
      }),
      { numRuns: 60 },
    );
  });

  describe("of many cases", () => {
    const cases = Array.from({ length: 6000 }, (_, number): TestCase => {
      const failed = number % 11 === 0;
      return {
        id: `case ${number}`,
        passed: number % 500 === 499 ? null : !failed,
        output: `${"lorem ipsum ".repeat(10)} answer ${number === 5999 ? "xylophone" : number}`,
        ...(failed && number % 3 === 0 ? { failure: { category: `kind ${number % 40}` } } : {}),
      };
    });
    let run: RunCases;
    beforeAll(async () => {
      run = await storeRun(blobs, [linesOf(cases)]);
    });

    it.each<CaseQuery>([
      {},
      { outcome: "failed" },
      { outcome: "not_scored" },
      { category: "incorrect" },
      { category: "kind 33" },
      { category: "kind 39", outcome: "failed" },
      { category: "kind 0", outcome: "passed" },
      { q: "answer 4321" },
      { q: "ANSWER 12", outcome: "failed" },
      { task: 1 },
    ])("are those that match %j", async (asked) => {
      const expected = asked.task === 1 ? [] : naive(cases, asked).map((id) => [0, id]);
      expect(await listAll(run, asked, 50)).toEqual(expected);
    });

    it.each<CaseQuery>([{}, { outcome: "failed" }, { category: "incorrect" }])(
      "cost one request each, asked for %j",
      async (asked) => {
        const first = await pageOfCases({ blobs }, run, { ...asked, limit: 50 });
        const before = blobs.requests;
        await pageOfCases({ blobs }, run, { ...asked, limit: 50, cursor: first.cursor });
        expect(blobs.requests - before).toBe(1);
      },
    );

    it("cost three requests when a text is rare", async () => {
      const before = blobs.requests;
      expect(await listAll(run, { q: "Xylophone" }, 50)).toEqual([[0, "case 5999"]]);
      expect(blobs.requests - before).toBe(3);
    });

    it("refuse a cursor of another list, and one that was changed", async () => {
      const { cursor = "" } = await pageOfCases({ blobs }, run, { limit: 7 });
      const changed = Buffer.from(
        JSON.stringify((JSON.parse(Buffer.from(cursor, "base64url").toString()) as unknown[]).with(2, 5)),
      ).toString("base64url");
      for (const bad of [changed, "x", "W10", ""]) {
        const page = pageOfCases({ blobs }, run, { limit: 7, cursor: bad });
        await expect(page).rejects.toMatchObject({ code: "cursor_invalid" });
      }
      const other = pageOfCases({ blobs }, run, { limit: 7, cursor, outcome: "failed" });
      await expect(other).rejects.toMatchObject({ code: "cursor_invalid" });
    });

    it("lead to each whole case by its id", async () => {
      for (const number of [0, 1, 2999, 5999]) {
        const found = await findCase({ blobs }, runId, { task: 0, id: `case ${number}`, epoch: 1 });
        expect(found?.result).toEqual({ ...cases[number], epoch: 1 });
        expect(found?.line).toBe(number + 1);
      }
      expect(await findCase({ blobs }, runId, { task: 0, id: "case 1", epoch: 2 })).toBeUndefined();
    });
  });

  it("cut texts short, and never through a character", async () => {
    const run = await storeRun(blobs, [linesOf([{ id: "a", passed: true, output: "😀".repeat(300) }])]);
    const { items } = await pageOfCases({ blobs }, run, { limit: 1 });
    expect(items[0]!.output).toBe(`${"😀".repeat(80)}…`);
  });
});

describe("a file of cases", () => {
  it("with an id twice keeps the first, and names both lines", async () => {
    const cases = [
      { id: "a", passed: true },
      { id: "a", epoch: 2, passed: true },
      { id: "b", passed: true },
      { id: "a", passed: false },
    ];
    const run = await storeRun(blobs, [linesOf(cases)]);
    const { counts, problems } = run.tasks[0]!.directory;
    expect(counts).toEqual({ total: 3, passed: 3, failed: 0, errored: 0, notScored: 0 });
    expect(problems).toEqual({ lost: 1, findings: 1 });
    const stored = await blobs.get(blobKey.cases(runId, 0, "problems.json"));
    expect(JSON.parse(Buffer.from(stored!).toString())).toMatchObject([
      {
        code: "case.duplicate",
        line: 4,
        message: 'Line 4 repeats id "a", epoch 1, of line 1; the first is kept.',
      },
    ]);
  });

  it("names a line that is lost, however many fields of other lines are left out", async () => {
    const usable = Array.from({ length: 300 }, (_, i) => ({ id: `c${i}`, passed: true, latency_ms: -1 }));
    const run = await storeRun(blobs, [`${linesOf(usable)}{"passed": true}\n`]);
    expect(run.tasks[0]!.directory.problems).toEqual({ lost: 1, findings: 301 });
    const stored = await blobs.get(blobKey.cases(runId, 0, "problems.json"));
    const findings = JSON.parse(Buffer.from(stored!).toString()) as object[];
    expect(findings[0]).toMatchObject({ level: "error", message: 'Line 301 has no "id".' });
    expect(findings).toHaveLength(101);
  });

  it("that is empty has no cases", async () => {
    const run = await storeRun(blobs, [""]);
    expect(await listAll(run, {}, 10)).toEqual([]);
    expect(await findCase({ blobs }, runId, { task: 0, id: "a", epoch: 1 })).toBeUndefined();
  });

  it("with a category of its own for every case lists each of them", async () => {
    const cases = Array.from({ length: 1500 }, (_, number) => ({
      id: String(number),
      passed: false,
      output: "wrong",
      failure: { category: `kind ${number}` },
    }));
    const run = await storeRun(blobs, [linesOf(cases)]);
    expect(await listAll(run, { category: "kind 1400" }, 10)).toEqual([[0, "1400"]]);
    expect(failureCategories).not.toContain("kind 1400");
  });
});
