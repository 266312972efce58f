import { expect, it } from "vitest";
import type { LogLine } from "@benchgen/core/ports.ts";
import { firstLines, mergedLines, positionAfter } from "./position.ts";

const line = (at: number, text: string): LogLine => ({ at, stream: "stdout", text });

it("merges streams by time, and keeps each in its order", () => {
  const merged = mergedLines([
    [line(1, "a"), line(3, "b"), line(3, "c")],
    [line(2, "d"), line(3, "e")],
  ]);
  expect(merged.map(({ line }) => line.text)).toEqual(["a", "d", "b", "c", "e"]);
  expect(merged.map(({ source }) => source)).toEqual([0, 1, 0, 0, 1]);
});

it("counts the lines of the last millisecond, so that none is read twice or left out", () => {
  const placed = (...at: number[]) => at.map((at) => ({ line: line(at, ""), source: 0 }));
  expect(positionAfter([0, 0], [])).toEqual([0, 0]);
  expect(positionAfter([0, 0], placed(1, 2, 2))).toEqual([2, 2]);
  expect(positionAfter([2, 2], placed(2))).toEqual([2, 3]);
  expect(positionAfter([2, 3], placed(2, 5))).toEqual([5, 1]);
});

it("ends a page after so many bytes, and never before its first line", () => {
  const placed = ["ééé", "b", "cccc", "d"].map((text) => ({ line: line(1, text), source: 0 }));
  const textsOf = (count: number, bytes: number) =>
    firstLines(placed, count, bytes).map(({ line: { text } }) => text);
  expect(textsOf(9, 7)).toEqual(["ééé", "b"]);
  expect(textsOf(9, 6)).toEqual(["ééé"]);
  expect(textsOf(9, 1)).toEqual(["ééé"]);
  expect(textsOf(9, 99)).toHaveLength(4);
  expect(textsOf(3, 99)).toHaveLength(3);
  expect(firstLines([], 9, 1)).toEqual([]);
});
