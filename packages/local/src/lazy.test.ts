import { expect, it } from "vitest";
import { Lazy } from "./lazy.ts";

/** Counts how often something is made; the first so many times it cannot be. */
function counted(failures: number) {
  let made = 0;
  const lazy = new Lazy(async () => {
    made++;
    if (made <= failures) throw new Error(`failure ${made}`);
    return made;
  });
  return { lazy, count: () => made };
}

it("makes a thing once, however many ask at the same time", async () => {
  const { lazy, count } = counted(0);
  expect(await lazy.ifMade()).toBeUndefined();
  expect(count()).toBe(0);
  expect(await Promise.all([lazy.get(), lazy.get()])).toEqual([1, 1]);
  expect(await lazy.ifMade()).toBe(1);
});

it("tries again what could not be made, and tells everyone who waited", async () => {
  const { lazy } = counted(1);
  const asked = [lazy.get(), lazy.get()];
  await expect(asked[0]).rejects.toThrow("failure 1");
  await expect(asked[1]).rejects.toThrow("failure 1");
  expect(await lazy.ifMade()).toBeUndefined();
  expect(await lazy.get()).toBe(2);
});

it("makes anew what was forgotten", async () => {
  const { lazy } = counted(0);
  await lazy.get();
  lazy.forget();
  expect(await lazy.get()).toBe(2);
});
