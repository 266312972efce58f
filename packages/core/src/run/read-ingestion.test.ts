import { describe, expect, test } from "vitest";
import type { SubmissionKind } from "../wire/api.ts";
import { withAdvice } from "./read-ingestion.ts";

const failed = { code: "program_failed", message: "The ingestion program failed with exit code 1." } as const;

function run(as: SubmissionKind, holdsCode: boolean): Parameters<typeof withAdvice>[1] {
  return { as, submission: { size: 1, sha256: "0", holdsCode } };
}

describe("when ingestion failed", () => {
  test("a submission without code is told how to be sent as predictions", () => {
    expect(withAdvice(failed, run("code", false)).hint).toContain("--as predictions");
  });

  test("what the program's own failure hints at is not lost", () => {
    const { hint } = withAdvice({ ...failed, hint: 'Python found no "torch".' }, run("code", false));
    expect(hint).toMatch(/--as predictions.*"torch"/);
  });

  test("code, and a data set that was sent as one, are not told to be predictions", () => {
    expect(withAdvice(failed, run("code", true))).toEqual(failed);
    expect(withAdvice(failed, run("dataset", false))).toEqual(failed);
  });

  test("a limit says enough by itself", () => {
    const late = { code: "time_limit", message: "Too slow." } as const;
    expect(withAdvice(late, run("code", false))).toEqual(late);
  });
});
