import { array, assert, asyncProperty, double, integer, option, record, string } from "fast-check";
import { describe, expect, it } from "vitest";
import { type CaseGroup, encodeGroup, readGroups } from "./column-file.ts";
import { ColumnWriter, maxScoreColumns } from "./column-writer.ts";
import { caseHash } from "./id-index.ts";
import { outcomeOf } from "./outcome.ts";
import { type StoredCase, toStored } from "./stored.ts";
import { caseLineSchema } from "../wire/case.ts";

/** The bytes in pieces of so many, as a store might deliver them. */
async function* inPieces(bytes: Uint8Array, length: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length);
}

const read = async (bytes: Uint8Array, length = 1000) => Array.fromAsync(readGroups(inPieces(bytes, length)));

function stored(fields: object): StoredCase {
  const line = caseLineSchema.parse({ id: "q", ...fields });
  const outcome = outcomeOf({ line, unusable: new Map() });
  return toStored(line, { outcome, failure: undefined }, { line: 1, at: [0, 1] });
}

const hash = string({ unit: "binary-ascii", minLength: 8, maxLength: 8 }).map((text) =>
  text.replace("\0", "x"),
);
const number = option(double({ noNaN: true, noDefaultInfinity: true }), { nil: undefined });
const group = array(
  record({
    id: hash,
    content: integer({ min: 0, max: 2 ** 48 - 1 }),
    length: integer({ min: 0, max: 2 ** 32 - 1 }),
    cluster: option(hash, { nil: undefined }),
    one: number,
    two: number,
  }),
  { minLength: 1, maxLength: 40 },
).map((rows): CaseGroup => ({
  ids: rows.map(({ id }) => id),
  contents: rows.map(({ content }) => content),
  lengths: rows.map(({ length }) => length),
  clusters: rows.map(({ cluster }) => cluster),
  numbers: new Map([
    ["passed", rows.map(({ one }) => one)],
    ['scores."é\n', rows.map(({ two }) => two)],
  ]),
}));

describe("a column file", () => {
  it("is read as it was written, in whatever pieces it arrives", async () => {
    await assert(
      asyncProperty(array(group, { maxLength: 4 }), integer({ min: 1, max: 300 }), async (groups, length) => {
        expect(await read(Buffer.concat(groups.map(encodeGroup)), length)).toEqual(groups);
      }),
    );
  });

  it("is refused when it is cut short, or is another file", async () => {
    const bytes = encodeGroup({ ids: ["12345678"], contents: [1], lengths: [1], numbers: new Map() });
    await expect(read(bytes.subarray(0, -1))).rejects.toThrow("in the middle of a group");
    await expect(read(bytes.subarray(0, 5))).rejects.toThrow("in the middle of a group");
    await expect(read(Buffer.from('{"id":"q","epoch":1}'))).rejects.toThrow("no columns of cases");
  });
});

describe("the columns of cases", () => {
  it("have what was measured of each, and nothing where it is unknown", async () => {
    const writer = new ColumnWriter();
    writer.add(stored({ id: "a", passed: true, scores: { bleu: 0.5 }, latency_ms: 12 }), 100);
    writer.add(stored({ id: "a", epoch: 2, score: 3, metadata: { cluster: "one" } }), 200);
    const [columns] = await read(writer.end()!);
    expect(columns?.ids).toEqual([caseHash("a", 1), caseHash("a", 1)]);
    expect(columns?.contents[0]).toBe(columns?.contents[1]);
    expect(columns?.lengths).toEqual([100, 200]);
    expect(columns?.clusters?.map((cluster) => cluster?.length)).toEqual([undefined, 8]);
    expect(Object.fromEntries(columns?.numbers ?? [])).toEqual({
      passed: [1, undefined],
      "scores.bleu": [0.5, undefined],
      latencyMs: [12, undefined],
      score: [undefined, 3],
    });
    expect(writer.end()).toBeUndefined();
  });

  it("have no scores of what met an error or was declined: it counts for nothing", async () => {
    const writer = new ColumnWriter();
    const scored = { score: 1, scores: { bleu: 0.5 }, latency_ms: 5 };
    writer.add(stored({ id: "a", ...scored, error: { type: "timeout" } }), 1);
    writer.add(stored({ id: "b", ...scored, passed: null }), 1);
    const [columns] = await read(writer.end()!);
    expect(Object.fromEntries(columns?.numbers ?? [])).toEqual({ latencyMs: [5, 5] });
  });

  it("are as many as a file can bear, however many names a program makes up", async () => {
    const writer = new ColumnWriter();
    const pieces = Array.from({ length: 5000 }, (_, i) =>
      writer.add(stored({ scores: { [`s${i}`]: i } }), 1),
    );
    const groups = await read(
      Buffer.concat([...pieces, writer.end()].filter((piece) => piece !== undefined)),
    );
    expect(groups.map(({ ids }) => ids.length)).toEqual([4096, 904]);
    expect(groups[0]?.numbers.size).toBe(maxScoreColumns);
    expect(groups[1]?.numbers.size).toBe(0);
  });
});
