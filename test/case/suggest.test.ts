/** What is said to who asks for a case that is not there. */
import { suggestCase } from "@benchgen/core/case/suggest.ts";
import type { RunCases } from "@benchgen/core/case/list.ts";
import { afterAll, beforeAll, expect, it } from "vitest";
import { linesOf, storeRun, temporaryBlobs } from "../support/case.ts";

const { blobs, close } = temporaryBlobs();
afterAll(() => close());

let run: RunCases;
beforeAll(async () => {
  const many = Array.from({ length: 3000 }, (_, number) => ({ id: `question-${number}`, passed: true }));
  run = await storeRun(blobs, [
    linesOf([...many, { id: "again", epoch: 2, passed: true }]),
    linesOf([{ id: "second", passed: true }]),
  ]);
});

it.each([
  ["again", "It is there with epoch 2: --epoch 2"],
  ["second", "Task 1 has one: --task 1"],
  ["questoin-17", 'Did you mean "question-17"?'],
  ["Question-17", 'Did you mean "question-17"?'],
  // Beyond those that are compared letter by letter.
  ["n-2999", 'Did you mean "question-2999"?'],
  ["\u0000", undefined],
  ["something else", undefined],
  ["x".repeat(1000), undefined],
])("of %j says: %s", async (id, expected) => {
  expect(await suggestCase({ blobs }, run, { task: 0, id, epoch: 1 })).toBe(expected);
});

it("says nothing of a task that has no cases", async () => {
  expect(await suggestCase({ blobs }, run, { task: 7, id: "question-17", epoch: 3 })).toBeUndefined();
  expect(await suggestCase({ blobs }, run, { task: 7, id: "second", epoch: 1 })).toContain("--task 1");
});

it("costs some requests, however many cases there are", async () => {
  const before = blobs.requests;
  await suggestCase({ blobs }, run, { task: 0, id: "no such case", epoch: 1 });
  expect(blobs.requests - before).toBeLessThan(15);
});
