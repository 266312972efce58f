import { expect, test } from "vitest";
import { forEachLimited } from "./concurrency.ts";

test("at most so many actions run at a time, and each item is handled once", async () => {
  let [running, most] = [0, 0];
  const handled: number[] = [];
  await forEachLimited([1, 2, 3, 4, 5], 2, async (item) => {
    most = Math.max(most, ++running);
    await Promise.resolve();
    handled.push(item);
    running--;
  });
  expect(most).toBe(2);
  expect(handled.toSorted((a, b) => a - b)).toEqual([1, 2, 3, 4, 5]);
});

test("after an error no action is begun, and those under way end before it is thrown", async () => {
  const [begun, ended]: [number[], number[]] = [[], []];
  const slow = Promise.withResolvers<void>();
  const work = forEachLimited([1, 2, 3, 4, 5], 2, async (item) => {
    begun.push(item);
    if (item === 2) throw new Error("the second failed");
    await slow.promise;
    ended.push(item);
  });
  setImmediate(slow.resolve);
  await expect(work).rejects.toThrow("the second failed");
  expect([begun, ended]).toEqual([[1, 2], [1]]);
});
