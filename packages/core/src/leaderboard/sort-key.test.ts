import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compareRows, compareScores, maxOrderColumns, orderOf } from "./order.ts";
import { absentKey, numberKey, numberKeyLength, sortKey, tieKey, tieKeyIn } from "./sort-key.ts";
import { newColumn, newLeaderboard, newRow } from "../../../../test/support/leaderboard.ts";

const bytewise = (a: string, b: string) => Math.sign(Buffer.compare(Buffer.from(a), Buffer.from(b)));
const number = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.constantFrom(0, -0, 1, -1, Number.MIN_VALUE, -Number.MIN_VALUE, Number.MAX_VALUE, -Number.MAX_VALUE),
);

describe("the key of a number", () => {
  test("orders like the number, in either direction", () => {
    fc.assert(
      fc.property(number, number, (a, b) => {
        const expected = a < b ? -1 : Number(a > b);
        expect(bytewise(numberKey(a, "asc"), numberKey(b, "asc"))).toBe(expected);
        expect(bytewise(numberKey(b, "desc"), numberKey(a, "desc"))).toBe(expected);
      }),
      { numRuns: 1000 },
    );
  });

  test("has one width and comes before that of an absent value", () => {
    fc.assert(
      fc.property(number, fc.constantFrom("asc" as const, "desc" as const), (value, direction) => {
        expect(numberKey(value, direction)).toHaveLength(numberKeyLength);
        expect(bytewise(numberKey(value, direction), absentKey)).toBe(-1);
      }),
    );
    expect(numberKey(undefined, "asc")).toBe(absentKey);
    expect(numberKey(undefined, "desc")).toBe(absentKey);
  });

  test("does not tell -0 from 0", () => {
    expect(numberKey(-0, "asc")).toBe(numberKey(0, "asc"));
    expect(numberKey(-0, "desc")).toBe(numberKey(0, "desc"));
  });
});

describe("the key of a row", () => {
  const columns = fc
    .array(fc.record({ sorting: fc.constantFrom("asc" as const, "desc" as const), hidden: fc.boolean() }), {
      minLength: 1,
      maxLength: 4,
    })
    .map((drawn) => drawn.map((more, index) => newColumn(index, `c${index}`, more)));
  // Few values, so that ties are common.
  const row = fc
    .record({
      number: fc.nat(50),
      values: fc.array(fc.option(fc.constantFrom(-1, 0, 0.5, 1e300), { nil: undefined }), {
        minLength: 4,
        maxLength: 4,
      }),
      submittedAt: fc.constantFrom(
        "2026-01-01T00:00:00.000Z",
        "2026-01-01T00:00:00.001Z",
        "1969-01-01T00:00:00Z",
      ),
    })
    .map(({ number, values, submittedAt }) => {
      const present = values.flatMap((value, index) => (value === undefined ? [] : [[`c${index}`, value]]));
      return { ...newRow(number, Object.fromEntries(present) as Record<string, number>), submittedAt };
    });

  test("orders like the row, and its tie key tells equal rank", () => {
    fc.assert(
      fc.property(columns, fc.nat(3), row, row, (columns, primaryIndex, a, b) => {
        const order = orderOf(newLeaderboard(columns, { primaryIndex }));
        expect(bytewise(sortKey(order, a), sortKey(order, b))).toBe(Math.sign(compareRows(order, a, b)));
        expect(tieKey(order, a) === tieKey(order, b)).toBe(compareScores(order, a, b) === 0);
        expect(tieKeyIn(order, sortKey(order, a))).toBe(tieKey(order, a));
      }),
      { numRuns: 1000 },
    );
  });

  test("fits a DynamoDB sort key on the widest board", () => {
    const columns = Array.from({ length: 200 }, (_, index) => newColumn(index, `c${index}`));
    const order = orderOf(newLeaderboard(columns), columns[150]);
    expect(order).toHaveLength(maxOrderColumns + 1);
    expect(sortKey(order, newRow(1, {})).length).toBeLessThanOrEqual(1024);
  });
});
