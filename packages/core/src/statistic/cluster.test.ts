import { expect, test } from "vitest";
import { Turn } from "../turn.ts";
import { numberClusters } from "./cluster.ts";

const numbered = (names: readonly (string | number)[]) =>
  numberClusters(names.length, (place) => names[place]!, new Turn());

test("clusters are numbered as they first occur; a text is never a number", async () => {
  expect(await numbered(["b", "a", "b", 0, "0", 0])).toEqual(Uint32Array.of(0, 1, 0, 2, 3, 2));
});

test("values that each have their own cluster have none", async () => {
  expect(await numbered(["a", 1, "1"])).toBeUndefined();
  expect(await numbered([])).toBeUndefined();
});
