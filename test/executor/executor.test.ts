/** One suite for every executor this machine can run. Small limits keep the hostile programs short. */
import { rm } from "node:fs/promises";
import { afterAll, describe, expect, test } from "vitest";
import { contractCases } from "./contract-case.ts";
import { executorsUnderTest } from "./executor-under-test.ts";
import { hostileCases } from "./hostile-case.ts";
import { scratchRoot } from "./job-fixture.ts";

const directory = await scratchRoot();
const candidates = await executorsUnderTest(directory);

afterAll(() => rm(directory, { recursive: true, force: true }));

describe.each(candidates)("$name", ({ name, executor, image, unavailable }) => {
  if (executor === undefined) {
    // Shows in the output of every run, so that nobody takes a green suite for more than it tested.
    test(`NOT TESTED: ${name} is not available here`, ({ skip }) => skip(unavailable));
    return;
  }
  const subject = { executor, directory, image };
  describe("gives a program what the contract promises", () => {
    contractCases(subject);
  });
  describe("contains a hostile program", () => {
    hostileCases(subject);
  });
});

test("at least one executor is available, else nothing was tested", () => {
  expect(candidates.filter(({ executor }) => executor !== undefined)).not.toEqual([]);
});
