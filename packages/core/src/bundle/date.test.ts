import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { endInstant, parseDate } from "./date.ts";

describe("parseDate", () => {
  test.each([
    ["2025-01-01", "2025-01-01T00:00:00.000Z"],
    ["2026-03-25 6:00", "2026-03-25T06:00:00.000Z"],
    ["2026-06-24 00:00:00", "2026-06-24T00:00:00.000Z"],
    ["2026-06-24T10:00:00Z", "2026-06-24T10:00:00.000Z"],
    ["2026-06-24T10:00:00.25+02:00", "2026-06-24T08:00:00.250Z"],
    ["2026-06-24 10:00 -0530", "2026-06-24T15:30:00.000Z"],
    ["1-30-2026", "2026-01-30T00:00:00.000Z"],
    ["8-7-2019", "2019-08-07T00:00:00.000Z"],
    ["5/29/2019 1:45PM", "2019-05-29T13:45:00.000Z"],
    ["5/29/2019 12:05 am", "2019-05-29T00:05:00.000Z"],
    ["30-1-2026", "2026-01-30T00:00:00.000Z"],
    ["30.09.2023", "2023-09-30T00:00:00.000Z"],
    ["2024/2/29", "2024-02-29T00:00:00.000Z"],
    ["January 30, 2026", "2026-01-30T00:00:00.000Z"],
    ["3 Feb 2026 9:00 UTC", "2026-02-03T09:00:00.000Z"],
  ])("reads %s as %s", (written, instant) => {
    expect(parseDate(written)?.instant).toBe(instant);
  });

  test.each([
    "",
    "soon",
    "2026",
    "2026-13-01",
    "2026-02-30",
    "13-13-2026",
    "2023-02-29",
    "2026-01-01 24:00",
    "2026-01-01 10:60",
    "1/1/2026 13:00PM",
    "Mx 1, 2026",
    "1-1-26",
  ])("does not read %j", (written) => {
    expect(parseDate(written)).toBeUndefined();
  });

  test("says how it read a date whose day and month could be swapped", () => {
    expect(parseDate("8-7-2019")?.readAs).toBe("7 August 2019");
    expect(parseDate("1-30-2026")?.readAs).toBeUndefined();
    expect(parseDate("1-1-2026")?.readAs).toBeUndefined();
    expect(parseDate("2026-07-08")?.readAs).toBeUndefined();
  });

  test("ends a phase that never closes with the last year there is", () => {
    const last = "9999-12-31T23:59:59.999Z";
    expect(endInstant(parseDate("9999-12-31")!)).toBe(last);
    expect(endInstant(parseDate("9999-12-31 23:00-05:00")!)).toBe(last);
  });

  test("reads back every instant it prints", () => {
    fc.assert(
      fc.property(fc.date({ min: new Date(0), max: new Date("2100-01-01"), noInvalidDate: true }), (date) => {
        expect(parseDate(date.toISOString())?.instant).toBe(date.toISOString());
      }),
    );
  });

  test("never throws", () => {
    fc.assert(fc.property(fc.string(), (text) => void parseDate(text)));
  });
});

test("a date alone as an end means the end of that day, a time means that time", () => {
  expect(endInstant(parseDate("2027-12-31")!)).toBe("2028-01-01T00:00:00.000Z");
  expect(endInstant(parseDate("2026-06-24 00:00:00")!)).toBe("2026-06-24T00:00:00.000Z");
});
