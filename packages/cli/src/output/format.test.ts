import { expect, it } from "vitest";
import {
  count,
  formatBytes,
  formatJson,
  formatScore,
  formatSeconds,
  formatTime,
  secondsBetween,
} from "./format.ts";

it.each([
  [0, "0 B"],
  [999, "999 B"],
  [1000, "1.0 KB"],
  [999_949, "999.9 KB"],
  [999_950, "1.0 MB"],
  [5 * 1024 ** 3, "5.4 GB"],
])("shows %i bytes as %s", (bytes, shown) => {
  expect(formatBytes(bytes)).toBe(shown);
});

it.each([
  [0.04, "0.0 s"],
  [59.94, "59.9 s"],
  [59.96, "1 min 0 s"],
  [3599.4, "59 min 59 s"],
  [7800, "2 h 10 min"],
])("shows %d seconds as %s", (seconds, shown) => {
  expect(formatSeconds(seconds)).toBe(shown);
});

it("shows an absent score as a dash and a present one at its precision", () => {
  expect(formatScore(undefined)).toBe("–");
  expect(formatScore(0.98837, 2)).toBe("0.99");
  expect(formatScore(0, 3)).toBe("0.000");
});

it("shows times to the minute, in UTC", () => {
  expect(formatTime("2026-03-25T06:00:59.123Z")).toBe("2026-03-25 06:00");
});

it("knows no duration while an end is missing", () => {
  expect(secondsBetween("2026-03-25T06:00:00Z", undefined)).toBeUndefined();
  expect(secondsBetween("2026-03-25T06:00:00Z", "2026-03-25T06:01:00Z")).toBe(60);
});

it("counts in the plural where there is not exactly one", () => {
  expect([count(0, "file"), count(1, "file"), count(2, "file")]).toEqual(["0 files", "1 file", "2 files"]);
});

it("breaks JSON only where a line would be too long", () => {
  const value = { id: "x", detail: { run: { id: "r", name: "n" }, scores: { accuracy: 0.5 }, list: [1, 2] } };
  expect(formatJson(value, 200)).toBe(JSON.stringify(value));
  expect(formatJson(value, 40).split("\n")).toEqual([
    "{",
    '  "id": "x",',
    '  "detail": {',
    '    "run": {"id":"r","name":"n"},',
    '    "scores": {"accuracy":0.5},',
    '    "list": [1,2]',
    "  }",
    "}",
  ]);
});
