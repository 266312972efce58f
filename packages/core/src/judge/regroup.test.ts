import * as fc from "fast-check";
import { expect, it } from "vitest";
import type { StoredCase } from "../case/stored.ts";
import { FailureGroups } from "../report/group.ts";
import type { RunFailures } from "../wire/report.ts";
import { judgedCategories } from "../wire/judge.ts";
import { regroupFailures } from "./regroup.ts";
import { type Verdict, type Verdicts, verdictKey, withVerdict } from "./verdict.ts";

const runId = "run_01jd0c2v5w8x9y0z1a2b3c4d5e";

function stored(id: string, signature: string, category = "incorrect"): StoredCase {
  const failure = { category, source: "rule", confidence: "high", signature } as const;
  return { id, epoch: 1, outcome: { status: "failed" }, failure, content: "", line: 1, at: [0, 1] };
}

function verdictOn({ id, failure }: StoredCase, category: Verdict["category"], explanation: string): Verdict {
  return { task: 0, id, epoch: 1, judge: "gauge", category, explanation, before: failure! };
}

function verdictsOf(list: readonly Verdict[]): Verdicts {
  return new Map(list.map((verdict) => [verdictKey(verdict), verdict]));
}

function grouped(cases: readonly StoredCase[]): RunFailures {
  const groups = new FailureGroups();
  for (const each of cases) groups.add(0, each);
  return { version: 1, runId, ...groups.result() };
}

/** Without the beginnings of texts, which a verdict does not hold, and the examples, which may be fewer. */
function countsOf({ total, categories }: RunFailures) {
  return {
    total,
    categories: categories
      .map(({ groups, category, ...facts }) => ({
        category,
        ...facts,
        groups: groups.map(({ signature, count }) => `${signature} ${count}`).sort(),
      }))
      .sort((a, b) => (a.category < b.category ? -1 : 1)),
  };
}

it("moves a judged case from the group it was in to the judge's", () => {
  const cases = [stored("a", "wrong"), stored("b", "wrong"), stored("c", "odd")];
  const verdicts = verdictsOf([
    verdictOn(cases[0]!, "factual_error", "It says 5, and 4 is right."),
    verdictOn(cases[2]!, undefined, ""),
  ]);
  expect(regroupFailures(grouped(cases), verdicts).categories).toMatchObject([
    { category: "incorrect", count: 2, sources: { rule: 2 }, suspected: 0 },
    {
      category: "factual_error",
      count: 1,
      sources: { judge: 1 },
      suspected: 1,
      groups: [{ signature: "it says <number>, and <number> is right.", examples: [{ id: "a" }] }],
    },
  ]);
});

it("comes to what grouping the cases with their verdicts over them would", () => {
  const category = fc.constantFrom(...judgedCategories, undefined, "unasked");
  const one = fc.record({ signature: fc.constantFrom("x", "y", "z"), verdict: category });
  fc.assert(
    fc.property(fc.array(one, { maxLength: 40 }), (list) => {
      const cases = list.map(({ signature }, position) => stored(`c${position}`, signature));
      const verdicts = verdictsOf(
        list.flatMap(({ verdict }, position) =>
          verdict === "unasked" ? [] : [verdictOn(cases[position]!, verdict, `because ${verdict}`)],
        ),
      );
      const overlaid = cases.map((each) => withVerdict(verdicts, 0, each));
      expect(countsOf(regroupFailures(grouped(cases), verdicts))).toEqual(countsOf(grouped(overlaid)));
    }),
  );
});
