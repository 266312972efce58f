import { findCase } from "@benchgen/core/case/find.ts";
import { pageOfCases } from "@benchgen/core/case/list.ts";
import type { Blobs } from "@benchgen/core/ports.ts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { linesOf, runId, storeRun } from "../support/case.ts";

/** What cases ask of a store of blobs: ranges anywhere, also of nothing, and content of unknown length. */
export function caseFacts(
  name: string,
  open: () => Promise<{ blobs: Blobs; close: () => Promise<void> }>,
): void {
  describe(`Cases on ${name}`, () => {
    let blobs: Blobs;
    let close: () => Promise<void>;
    beforeAll(async () => {
      ({ blobs, close } = await open());
    });
    afterAll(async () => {
      await close();
    });

    it("are listed, filtered, searched and found by their ids", async () => {
      const cases = Array.from({ length: 3000 }, (_, number) => ({
        id: `c${number}`,
        passed: number % 7 > 0,
        output: `answer ${number} ${"lorem ipsum ".repeat(12)}`,
      }));
      const run = await storeRun(blobs, [linesOf(cases)]);
      const idsOf = async (query: object): Promise<string[]> => {
        const ids: string[] = [];
        let cursor: string | undefined;
        do {
          const page = await pageOfCases({ blobs }, run, { ...query, limit: 200, cursor });
          ids.push(...page.items.map(({ id }) => id));
          cursor = page.cursor;
        } while (cursor !== undefined);
        return ids;
      };
      expect(await idsOf({})).toEqual(cases.map(({ id }) => id));
      const failed = cases.filter(({ passed }) => !passed).map(({ id }) => id);
      expect(await idsOf({ outcome: "failed" })).toEqual(failed);
      expect(await idsOf({ category: "incorrect" })).toEqual(failed);
      expect(await idsOf({ q: "ANSWER 2999 " })).toEqual(["c2999"]);
      const found = await findCase({ blobs }, runId, { task: 0, id: "c1234", epoch: 1 });
      expect(found?.result.output).toBe(cases[1234]!.output);
    });

    it("of an empty file are none", async () => {
      const run = await storeRun(blobs, [""]);
      expect(await pageOfCases({ blobs }, run, { limit: 10 })).toEqual({ items: [] });
      expect(await findCase({ blobs }, runId, { task: 0, id: "a", epoch: 1 })).toBeUndefined();
    });
  });
}
