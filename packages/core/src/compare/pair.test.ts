import { assert, asyncProperty } from "fast-check";
import { expect, test } from "vitest";
import { Turn } from "../turn.ts";
import { type Written, columnsOf, runsOf, written } from "./column.fixture.ts";
import { clustersOf, pairCases } from "./pair.ts";

test("pairing puts every case of either run in exactly one place, as a look at all of them does", async () => {
  await assert(
    asyncProperty(written, written, async (a, b) => {
      const runs = await runsOf(a, b);
      const paired = await pairCases(runs);
      const kept = (cases: readonly Written[], keep: (each: Written, twin?: Written) => boolean) =>
        cases.filter((each) =>
          keep(
            each,
            (cases === a ? b : a).find(({ id }) => id === each.id),
          ),
        );
      // Every summary was said to have one byte: its offset is which case it is.
      const [inFirst, inOther] = [
        (position: number) => a[runs.first.placeAt(position).offset],
        (position: number) => b[runs.other.placeAt(position).offset],
      ];
      const same = kept(a, ({ content }, twin) => twin?.content === content);
      expect(paired.onlyInFirst.map(inFirst)).toEqual(kept(a, (_, twin) => twin === undefined));
      expect(paired.onlyInOther.map(inOther)).toEqual(kept(b, (_, twin) => twin === undefined));
      expect(Array.from(paired.matched.first, inFirst)).toEqual(same);
      expect(Array.from(paired.matched.other, inOther).map((each) => each?.id)).toEqual(
        same.map(({ id }) => id),
      );
      expect(paired.changed.length + same.length + paired.onlyInFirst.length).toBe(a.length);
    }),
  );
});

test("equal ids of different tasks are different cases", async () => {
  const one = [{ id: 1, passed: true }];
  const runs = { first: await columnsOf(one, one), other: await columnsOf(one) };
  expect(await pairCases(runs)).toMatchObject({ onlyInFirst: [1], onlyInOther: [], changed: [] });
});

test("a case whose cluster only the other run names belongs to it", async () => {
  const runs = await runsOf(
    [1, 2, 3, 4].map((id) => ({ id, passed: true, ...(id === 1 && { cluster: "a" }) })),
    [1, 2, 3].map((id) => ({ id, passed: true, cluster: id === 3 ? "b" : "a" })),
  );
  const clusters = (await clustersOf(runs, (await pairCases(runs)).matched, new Turn()))!;
  expect(clusters[0]).toBe(clusters[1]);
  expect(new Set(clusters).size).toBe(2);
});
