import { setImmediate as nextTurn } from "node:timers/promises";
import { expect, it } from "vitest";
import { Slots } from "./slots.ts";

/** Work that is under way until it is told to end. */
function held() {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { work: () => promise, end: resolve };
}

it("lets in those that wait in the order in which they came", async () => {
  const slots = new Slots(1);
  const order: number[] = [];
  await Promise.all([1, 2, 3].map((n) => slots.run(async () => void order.push(n))));
  expect(order).toEqual([1, 2, 3]);
});

it("gives up waiting when told to, and keeps the place of those behind", async () => {
  const slots = new Slots(1);
  const { work, end } = held();
  const first = slots.run(work);
  const patience = new AbortController();
  const second = slots.run(async () => "second", patience.signal);
  const third = slots.run(async () => "third");
  patience.abort(new Error("no longer wanted"));
  await expect(second).rejects.toThrow("no longer wanted");
  end();
  await first;
  await expect(third).resolves.toBe("third");
  await expect(slots.run(async () => "fourth")).resolves.toBe("fourth");
});

it("lets nobody in who comes too late, and loses no place by it", async () => {
  const slots = new Slots(1);
  await expect(slots.run(async () => "late", AbortSignal.abort(new Error("over")))).rejects.toThrow("over");
  await expect(slots.run(async () => "next")).resolves.toBe("next");
});

it("says nothing of the signal to work that has begun", async () => {
  const slots = new Slots(1);
  const { work, end } = held();
  const stop = new AbortController();
  let isOver = false;
  const running = slots.run(work, stop.signal).then(() => (isOver = true));
  stop.abort();
  await nextTurn();
  expect(isOver).toBe(false);
  end();
  await running;
});
