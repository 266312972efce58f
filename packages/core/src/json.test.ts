import { expect, it } from "vitest";
import { isTooDeep, maxJsonDepth, parseJson } from "./json.ts";

const nested = (levels: number): string => "[".repeat(levels) + "]".repeat(levels);

it("reads what is JSON, null included, and nothing else", () => {
  expect(parseJson('{"a": [1]}')).toEqual({ a: [1] });
  expect(parseJson("null")).toBeNull();
  expect(parseJson("{")).toBeUndefined();
});

it("tells what is nested too deep, however deep it is", () => {
  expect(isTooDeep(parseJson(nested(maxJsonDepth)))).toBe(false);
  expect(isTooDeep(parseJson(nested(maxJsonDepth + 1)))).toBe(true);
  expect(isTooDeep(parseJson(nested(100_000)))).toBe(true);
  expect(isTooDeep("text")).toBe(false);
});
