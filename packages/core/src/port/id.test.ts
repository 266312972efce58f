import { expect, it } from "vitest";
import { isId } from "../wire/id.ts";
import { createIds } from "./id.ts";

it("makes ids of their kind that sort by creation, a thousand within a millisecond", () => {
  const ids = createIds();
  const made = Array.from({ length: 1000 }, () => ids.next("run"));
  expect(made.every((id) => isId("run", id))).toBe(true);
  expect(made.toSorted()).toEqual(made);
  expect(new Set(made).size).toBe(1000);
});

it("makes tokens that fit into a URL, each of them new", () => {
  const ids = createIds();
  expect(ids.token()).toMatch(/^[\w-]{43}$/);
  expect(ids.token()).not.toBe(ids.token());
});
