/** A file of cases that is read in slices is the file that is read whole. */
import { type FileSource, decodeFileCursor, encodeFileCursor } from "@benchgen/core/export/cursor.ts";
import { type FilePart, type FilePlace, caseFormats, formatCases } from "@benchgen/core/export/format.ts";
import { sliceOf } from "@benchgen/core/export/slice.ts";
import { wholeCases } from "@benchgen/core/export/whole-case.ts";
import { type Verdict, noVerdicts } from "@benchgen/core/judge/verdict.ts";
import { type CaseExportFormat, caseExportFormats } from "@benchgen/core/wire/case-export.ts";
import type { RunCases } from "@benchgen/core/case/list.ts";
import { assert, asyncProperty, constantFrom, integer, record } from "fast-check";
import { afterAll, beforeAll, describe, expect, it, test } from "vitest";
import { linesOf, runId, storeRun, temporaryBlobs } from "../support/case.ts";

const { blobs, close } = temporaryBlobs();
afterAll(close);

/** Every kind of case there is, some without what a format needs; texts with line ends, quotes and what is no ASCII. */
const cases = (count: number, task: number) =>
  Array.from({ length: count }, (_, n) => ({
    id: `${task} ${n}`,
    ...(n % 5 !== 0 && { input: `"${n}",\r\n${"é".repeat(n % 40)}` }),
    ...(n % 7 !== 0 && { target: String(n), output: n % 3 === 0 ? String(n) : "=other" }),
    ...(n % 11 === 0 ? { error: { type: "timeout" } } : { passed: n % 3 === 0 }),
    ...(n % 400 === 1 && { output: "zebrafish" }),
  }));

let run: RunCases;
beforeAll(async () => {
  run = await storeRun(blobs, [linesOf(cases(1500, 0)), linesOf([]), linesOf(cases(300, 2))]);
  expect(run.tasks[0]!.directory.sections.some(({ bytes }) => bytes !== undefined)).toBe(true);
});

const provenance = { environment: "lab", version: 1, run: runId } as const;

function partsOf(query: FileSource["query"], begin?: FilePlace): AsyncIterable<FilePart> {
  const steps = wholeCases(blobs, run, query, begin);
  return formatCases(steps, caseFormats[query.format], provenance, begin);
}

async function wholeFile(query: FileSource["query"]): Promise<string> {
  return (await Array.fromAsync(partsOf(query))).map(({ text }) => text).join("");
}

/** A clock that is so much later each time. */
function clockOf(stepMs: number) {
  let now = 0;
  return { now: () => new Date((now += stepMs)) };
}

interface Slicing {
  readonly maxBytes: number;
  readonly maxMs: number;
}

async function inSlices(
  query: FileSource["query"],
  limits: Slicing,
): Promise<{ text: string; count: number }> {
  const source: FileSource = { query, tasks: run.tasks, verdicts: noVerdicts };
  const slices: Uint8Array[] = [];
  let cursor: string | undefined;
  do {
    const begin = cursor === undefined ? undefined : decodeFileCursor(source, cursor);
    const { content, next } = await sliceOf(partsOf(query, begin), limits, clockOf(1));
    slices.push(content);
    cursor = next && encodeFileCursor(source, next);
  } while (cursor !== undefined);
  return { text: Buffer.concat(slices).toString(), count: slices.length };
}

test.each(caseExportFormats)("of whatever size, filter and format: %s", async (format) => {
  const filter = constantFrom(
    {},
    { outcome: "failed" as const },
    { category: "incorrect" },
    { category: "nobody's" },
    { q: "ZEBRAFISH" },
    { q: "é", task: 2 },
    { outcome: "passed" as const, task: 0 },
  );
  const limits = record({
    maxBytes: integer({ min: 20_000, max: 200_000 }),
    maxMs: integer({ min: 300, max: 5000 }),
  });
  await assert(
    asyncProperty(filter, limits, async (filter, limits) => {
      const query = { ...filter, format };
      expect((await inSlices(query, limits)).text).toBe(await wholeFile(query));
    }),
    { numRuns: 12 },
  );
});

it("has slices of one record each, where none is smaller, and its header once", async () => {
  const query = { format: "csv", outcome: "failed", task: 2 } as const;
  const { text, count } = await inSlices(query, { maxBytes: 1, maxMs: 1e9 });
  expect(text).toBe(await wholeFile(query));
  expect(text.match(/^environment,version,/gm)).toHaveLength(1);
  expect(count).toBeGreaterThan(100);
});

it("that fits is one slice, and says that it is all", async () => {
  expect((await inSlices({ format: "jsonl" }, { maxBytes: 1e9, maxMs: 1e9 })).count).toBe(1);
});

describe("a cursor", () => {
  const place = { task: 0, offset: 0, records: 0 };
  const source = (format: CaseExportFormat, verdicts = noVerdicts): FileSource => ({
    query: { format, outcome: "failed" },
    tasks: run.tasks,
    verdicts,
  });

  it.each(["", "e30", "WzFd", "bm9wZQ"])("that is none of ours is refused: %j", (cursor) => {
    expect(() => decodeFileCursor(source("csv"), cursor)).toThrow(
      expect.objectContaining({ code: "cursor_invalid" }),
    );
  });

  it("of another file is refused", () => {
    const cursor = encodeFileCursor(source("jsonl"), place);
    expect(decodeFileCursor(source("jsonl"), cursor)).toEqual(place);
    expect(() => decodeFileCursor(source("csv"), cursor)).toThrow(
      expect.objectContaining({ code: "cursor_invalid" }),
    );
  });

  it("to where no case begins is refused", async () => {
    const cursor = encodeFileCursor(source("jsonl"), { ...place, offset: 7 });
    const parts = partsOf({ format: "jsonl", outcome: "failed" }, decodeFileCursor(source("jsonl"), cursor));
    await expect(Array.fromAsync(parts)).rejects.toMatchObject({ code: "cursor_invalid" });
  });

  it("from before a judge spoke, or more cases came, is refused: a file of both would be neither", () => {
    const before = { category: "incorrect", signature: "x", confidence: "high", source: "rule" } as const;
    const verdict: Verdict = { task: 0, id: "0 1", epoch: 1, judge: "grader", explanation: "", before };
    const cursor = encodeFileCursor(source("jsonl"), place);
    const changed = expect.objectContaining({ code: "export_changed" });
    expect(() => decodeFileCursor(source("jsonl", new Map([["key", verdict]])), cursor)).toThrow(changed);
    const more = { ...source("jsonl"), tasks: run.tasks.slice(0, 2) };
    expect(() => decodeFileCursor(more, cursor)).toThrow(changed);
  });
});
