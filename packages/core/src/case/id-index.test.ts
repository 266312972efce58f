import { describe, expect, it } from "vitest";
import { bytesSource } from "../bundle/byte-source.ts";
import { buildIdIndex, caseHash, lookUp } from "./id-index.ts";

describe("the index of ids", () => {
  it.each([0, 1, 2, 1000, 30_000])("finds each of %i cases, and no other", async (size) => {
    const places = new Map(
      Array.from({ length: size }, (_, number) => [
        caseHash(`case ${number}`, 1 + (number % 3)),
        { offset: number * 2 ** 20, length: number },
      ]),
    );
    const index = bytesSource(await buildIdIndex(places));
    for (let number = 0; number < size; number += Math.max(1, Math.floor(size / 500))) {
      const found = await lookUp(index, `case ${number}`, 1 + (number % 3));
      expect(found).toEqual({ offset: number * 2 ** 20, length: number });
      expect(await lookUp(index, `case ${number}`, 4)).toBeUndefined();
    }
    expect(await lookUp(index, "another", 1)).toBeUndefined();
  });
});
