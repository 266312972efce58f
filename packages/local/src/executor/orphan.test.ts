import { expect, test } from "vitest";
import { endAll } from "./orphan.ts";

test("whoever takes the place of one that was ended is ended too, also when a look in between finds nobody", async () => {
  // What each look finds. One that was ended may still be there for a while.
  const looks = [[1], [1, 2], [], [3], [3], []];
  const ended: number[] = [];
  await endAll(
    () => Promise.resolve(looks.shift() ?? []),
    (pid) => ended.push(pid),
  );
  expect(ended).toEqual([1, 2, 3]);
});
