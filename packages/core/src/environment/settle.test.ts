import { expect, test } from "vitest";
import { verdictOf } from "./settle.ts";

const verification = (solution: number) => ({
  solution,
  phase: 0,
  runId: `run_${String(solution).padStart(26, "0")}` as const,
  status: "queued" as const,
});
const failure = (name: string) => ({
  name,
  status: "failed" as const,
  reason: { code: "program_failed" as const, message: "It failed." },
});

test("a version whose solutions succeeded is not held back", () => {
  const runs = [{ name: "easy", status: "succeeded" as const }];
  expect(verdictOf({ verifications: [verification(0)] }, runs)).toEqual({
    verifications: [{ ...verification(0), status: "succeeded" }],
  });
});

test("a version is held back with the reason of each solution that failed", () => {
  const runs = [{ name: "easy", status: "succeeded" as const }, failure("hard"), failure("harder")];
  const verdict = verdictOf({ verifications: [0, 1, 2].map(verification) }, runs);
  expect(verdict.heldBecause).toBe("hard failed: It failed.; harder failed: It failed.");
  expect(verdict.verifications.map(({ status }) => status)).toEqual(["succeeded", "failed", "failed"]);
  expect(verdict.verifications[1]?.reason).toEqual(failure("hard").reason);
});

test("a thousand solutions that failed fit the version's item: the first reasons are kept", () => {
  const message = "x".repeat(1000);
  const runs = Array.from({ length: 1000 }, () => ({
    ...failure("hard"),
    reason: { code: "no_scores" as const, message },
  }));
  const verdict = verdictOf({ verifications: runs.map((_, solution) => verification(solution)) }, runs);
  expect(verdict.heldBecause).toMatch(/; and 980 more$/);
  expect(JSON.stringify(verdict).length).toBeLessThan(200_000);
});
