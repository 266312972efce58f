/** Lists of cases with a judge's verdicts over them, where each category has a list of its own. */
import { pageOfCases } from "@benchgen/core/case/list.ts";
import { wholeCases } from "@benchgen/core/export/whole-case.ts";
import { type Verdict, type Verdicts, verdictKey } from "@benchgen/core/judge/verdict.ts";
import type { JudgedCategory } from "@benchgen/core/wire/judge.ts";
import { afterAll, beforeAll, expect, it } from "vitest";
import { linesOf, storeRun, temporaryBlobs } from "../support/case.ts";

const { blobs, close } = temporaryBlobs();
afterAll(() => close());

/** Every third fails as merely incorrect, every fifth is a fabrication by the program's own word. */
const cases = Array.from({ length: 3000 }, (_, n) => ({
  id: `c${n}`,
  input: "?".repeat(100),
  output: `wrong ${n}`,
  passed: n % 3 !== 0 && n % 5 !== 0,
  ...(n % 5 === 0 && { failure: { category: "hallucination" } }),
}));
const moved: ReadonlyMap<string, JudgedCategory> = new Map([
  ["c3", "hallucination"],
  ["c6", "factual_error"],
  ["c2997", "factual_error"],
  // What the program said of it stands.
  ["c5", "refusal"],
]);

function categoryOf(n: number): string | undefined {
  if (n % 5 === 0) return "hallucination";
  return n % 3 === 0 ? (moved.get(`c${n}`) ?? "incorrect") : undefined;
}

let run: Awaited<ReturnType<typeof storeRun>> & { verdicts: Verdicts };
beforeAll(async () => {
  const verdicts = [...moved].map(([id, category]): Verdict => {
    const before = { category: "incorrect", source: "rule", confidence: "high", signature: "" } as const;
    return { task: 0, id, epoch: 1, judge: "gauge", category, explanation: "So it is.", before };
  });
  const byCase = new Map(verdicts.map((verdict) => [verdictKey(verdict), verdict]));
  run = { ...(await storeRun(blobs, [linesOf(cases)])), verdicts: byCase };
  expect(run.tasks[0]!.directory.sections.some(({ bytes }) => bytes !== undefined)).toBe(true);
});

it.each(["hallucination", "factual_error", "incorrect", "refusal", "wrong_format"])(
  "have exactly the cases that are %s now, page by page, searched and exported",
  async (category) => {
    const wanted = cases.map(({ id }) => id).filter((_, n) => categoryOf(n) === category);
    for (const q of [undefined, "wrong"]) {
      const listed: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await pageOfCases({ blobs }, run, { category, q, limit: 150, cursor });
        listed.push(...page.items.map(({ id }) => id));
        cursor = page.cursor;
      } while (cursor !== undefined);
      expect(listed).toEqual(wanted);
    }
    const exported = await Array.fromAsync(wholeCases(blobs, run, { category }));
    expect(exported.flatMap((step) => step.case?.line.id ?? [])).toEqual(wanted);
  },
);
