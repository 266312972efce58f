import { expect, test } from "vitest";
import { columnsOf } from "./column.fixture.ts";

test("repeats of a case are averaged, over those that have a value", async () => {
  const columns = await columnsOf([
    { id: 1, passed: true, score: 3 },
    { id: 2, passed: null },
    { id: 1, epoch: 2, passed: false },
    { id: 1, epoch: 3, passed: null, score: 6 },
  ]);
  expect([columns.size, columns.repeated, columns.clustered]).toEqual([2, true, false]);
  expect(columns.numbers("passed")?.at(0)).toBe(0.5);
  expect(columns.numbers("score")?.at(0)).toBe(4.5);
  expect([0, 1].map((position) => columns.numbers("passed")?.has(position))).toEqual([true, false]);
  expect(columns.numbers("latencyMs")).toBeUndefined();
});

test("clusters of different tasks are different, whatever their names", async () => {
  const columns = await columnsOf(
    [{ id: 1, passed: true, cluster: "a" }],
    [
      { id: 1, passed: true, cluster: "a" },
      { id: 2, passed: true, cluster: "a" },
    ],
  );
  const [first, second, third] = [0, 1, 2].map((position) => columns.clusterAt(position));
  expect([first === second, second === third]).toEqual([false, true]);
});

test("a case is found where its summary lies in its task", async () => {
  const cases = [1, 2].map((id) => ({ id, passed: true }));
  const columns = await columnsOf(cases, cases);
  expect(columns.placeAt(3)).toEqual({ task: 1, offset: 1, length: 1 });
});

test("names of scores are bounded, however many tasks make some up", async () => {
  const tasks = Array.from({ length: 5 }, (_, task) => [
    { id: 1, passed: true, scores: Object.fromEntries([1, 2, 3, 4].map((i) => [`${task}-${i}`, i])) },
  ]);
  expect((await columnsOf(...tasks)).scoreNames()).toHaveLength(16);
});
