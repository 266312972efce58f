/** How a case ended, by what its line says. Pure. */
import type { CaseCounts, CaseOutcome, NotScoredCode } from "../wire/case.ts";
import type { ParsedLine } from "./parse-line.ts";

/**
 * The program's own `passed` decides. Without it an error leaves a case unscored, and a score from 0 to 1 is a pass when
 * it is 1: full marks or not. On another scale nobody but the program knows what passing means.
 */
export function outcomeOf({ line, unusable }: ParsedLine): CaseOutcome {
  const { passed, score, error } = line;
  if (typeof passed === "boolean") return { status: passed ? "passed" : "failed" };
  if (error !== undefined && error !== null) {
    return notScored("error", (error.message ?? error.type ?? "").slice(0, 300) || "It met an error.");
  }
  if (passed === null) return notScored("declined", 'The program wrote null for "passed".');
  const unread = ["passed", "score"].find((field) => unusable.has(field));
  if (unread !== undefined)
    return notScored("not_a_number", `Its "${unread}" is left out: ${unusable.get(unread)}.`);
  if (score === undefined || score === null) {
    return notScored("no_verdict", 'It has neither "passed" nor "score".');
  }
  if (score >= 0 && score <= 1) return { status: score === 1 ? "passed" : "failed" };
  return notScored("no_verdict", `Its score, ${score}, is not from 0 to 1, and "passed" is not there.`);
}

function notScored(code: NotScoredCode, message: string): CaseOutcome {
  return { status: "not_scored", reason: { code, message } };
}

/**
 * Whether its `score` and `scores` count. What met an error, or was declined, counts for nothing; a case without a verdict
 * may yet have a score, on a scale of the program's own.
 */
export function hasCountedScores(outcome: CaseOutcome): boolean {
  return outcome.status !== "not_scored" || !uncounted.has(outcome.reason.code);
}

const uncounted: ReadonlySet<NotScoredCode> = new Set(["error", "declined"]);

export const noCases: CaseCounts = { total: 0, passed: 0, failed: 0, errored: 0, notScored: 0 };

/** Which of the counts an outcome adds to. */
export function partOf(outcome: CaseOutcome): Exclude<keyof CaseCounts, "total"> {
  if (outcome.status !== "not_scored") return outcome.status;
  return outcome.reason.code === "error" ? "errored" : "notScored";
}

export function countOutcome(counts: CaseCounts, outcome: CaseOutcome): CaseCounts {
  const part = partOf(outcome);
  return { ...counts, total: counts.total + 1, [part]: counts[part] + 1 };
}
