import { expect, it } from "vitest";
import { Turn } from "./turn.ts";

it("a turn ends, and others are served before the next begins", async () => {
  const turn = new Turn();
  expect(turn.isOver).toBe(false);
  while (!turn.isOver);
  let served = false;
  setImmediate(() => (served = true));
  await turn.pass();
  expect([served, turn.isOver]).toEqual([true, false]);
});
