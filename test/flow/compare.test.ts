/** Runs compared case by case, from the scoring program that reports the cases to those who read the difference. */
import { comparisonSchema } from "@benchgen/core/wire/comparison.ts";
import type { Run } from "@benchgen/core/wire/api.ts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bundleFiles } from "../support/bundle.ts";
import { linesOf } from "../support/case.ts";
import { type Actor, type Pipeline, openPipeline } from "../support/pipeline.ts";

let pipeline: Pipeline;
let ada: Actor;
let tim: Actor;
beforeAll(async () => {
  pipeline = await openPipeline();
  ada = await pipeline.actor("ada", "author");
  tim = await pipeline.actor("tim", "submit");
  await ada.push(bundleFiles({ title: "Open", scoring }));
});
afterAll(() => pipeline.close());

const scoring = { script: "cp /app/input/res/scores.json /app/input/res/results.jsonl /app/output/" };

/** 40 cases: the first `passing` pass, except those named. */
function cases(passing: number, failing: readonly number[] = [], more: (i: number) => object = () => ({})) {
  return Array.from({ length: 40 }, (_, i) => ({
    id: `q${i}`,
    input: `What is ${i} + 1?`,
    target: String(i + 1),
    output: i < passing && !failing.includes(i) ? String(i + 1) : "no idea",
    passed: i < passing && !failing.includes(i),
    latency_ms: 100 + i,
    ...more(i),
  }));
}

function evaluate(lines: readonly object[], environment = "open", actor = tim): Promise<Run> {
  const files = { "scores.json": '{"accuracy": 0, "loss": 0}', "results.jsonl": linesOf(lines) };
  return actor.evaluate(environment, files);
}

const compare = (...runs: readonly Run[]) =>
  tim.json(comparisonSchema, "GET", `/compare?runs=${runs.map(({ id }) => id).join(",")}`);

describe("two runs over the same cases", () => {
  it("are told apart by the cases that changed", async () => {
    const [first, other] = [await evaluate(cases(20)), await evaluate(cases(35, [3]))];
    const { comparisons } = await compare(first, other);
    expect(comparisons[0]).toMatchObject({
      run: { label: "B", id: other.id },
      matched: 40,
      fixed: { count: 15 },
      broken: {
        count: 1,
        examples: [{ id: "q3", input: "What is 3 + 1?", target: "4", first: "4", other: "no idea" }],
      },
      passed: {
        n: 40,
        table: { bothPassed: 19, fixed: 15, broken: 1, bothFailed: 5 },
        first: 0.5,
        other: 0.85,
      },
      notScored: { first: 0, other: 0, both: 0 },
      usage: [{ name: "latencyMs", n: 40, first: 119.5, difference: { estimate: 0, low: 0, high: 0 } }],
    });
    expect(comparisons[0]?.fixed.examples).toHaveLength(10);
    const path = `/compare?runs=${first.id},${other.id}&examples=`;
    const more = await tim.json(comparisonSchema, "GET", `${path}100`);
    expect(more.comparisons[0]?.fixed.examples).toHaveLength(15);
    expect(await tim.problem("GET", `${path}101`)).toMatchObject({ code: "request_invalid" });
    expect(comparisons[0]?.sentence).toMatch(
      /^B is better by 35\.0 points \(95 % CI 18\.\d to 5\d\.\d\), p = 0\.00052: 15 fixed, 1 broken of 40\.$/,
    );
  });

  it("are not told apart by chance", async () => {
    const [first, other] = [await evaluate(cases(20)), await evaluate(cases(22, [3]))];
    const { sentence, resolution } = (await compare(first, other)).comparisons[0]!;
    expect(sentence).toMatch(
      /^No clear difference between A and B: B passes 2\.5 points more .* 2 fixed, 1 broken of 40\.$/,
    );
    expect(resolution).toMatch(/^40 cases of which 7\.5 % change find a true gap of 1\d\.\d points or more/);
  });

  it("are compared in what they share: other questions, missing and unscored cases are set aside and listed", async () => {
    const first = await evaluate(cases(20, [], (i) => (i === 9 ? { passed: null } : {})));
    const others = cases(20, [], (i) => (i === 5 ? { target: "another" } : {}));
    const other = await evaluate([...others.slice(0, 39), { id: "new", input: "?", passed: true }]);
    expect((await compare(first, other)).comparisons[0]).toMatchObject({
      matched: 38,
      changed: { count: 1, examples: [{ id: "q5" }] },
      onlyInFirst: { count: 1, examples: [{ id: "q39" }] },
      onlyInOther: { count: 1, examples: [{ id: "new" }] },
      notScored: { first: 1, other: 0, both: 0 },
      passed: { n: 37 },
      sentence: "A and B agree on all 37 cases: none fixed, none broken.",
    });
  });

  it("have their repeats averaged before they are paired", async () => {
    const repeated = (passes: (i: number, epoch: number) => boolean) =>
      Array.from({ length: 20 }, (_, i) =>
        [1, 2].map((epoch) => ({
          id: `q${i}`,
          epoch,
          passed: passes(i, epoch),
          score: i + epoch + (passes(i, epoch) ? i : 0),
        })),
      ).flat();
    const first = await evaluate(repeated(() => false));
    const other = await evaluate(repeated((i, epoch) => i < 6 && epoch === 1));
    expect((await compare(first, other)).comparisons[0]).toMatchObject({
      matched: 20,
      notes: ["Cases are repeated: one is fixed when it passes more often, broken when less often."],
      passed: {
        n: 20,
        table: { fixed: 6, broken: 0 },
        other: 0.15,
        pValue: expect.closeTo(0.03125, 9),
        difference: { method: "t" },
      },
      scores: [
        {
          name: "score",
          n: 20,
          first: 11,
          difference: { estimate: expect.closeTo(0.375, 9), method: "t" },
          bootstrap: { samples: 2000, seed: 20_240_601, generator: "xoshiro128**" },
        },
      ],
    });
  });

  it("carry several comparisons with one run, their p-values corrected together", async () => {
    const runs = [await evaluate(cases(20)), await evaluate(cases(26)), await evaluate(cases(26))];
    const { comparisons } = await compare(...runs);
    expect(comparisons.map(({ run, passed }) => [run.label, passed?.pValue, passed?.adjustedPValue])).toEqual(
      [
        ["B", 0.03125, 0.0625],
        ["C", 0.03125, 0.0625],
      ].map(([label, p, adjusted]) => [
        label,
        expect.closeTo(p as number, 9),
        expect.closeTo(adjusted as number, 9),
      ]),
    );
    expect(comparisons[0]?.sentence).toMatch(/^No clear difference .* p = 0\.06[23] \(Holm-corrected\)/);
  });
});

describe("a comparison is refused", () => {
  it("of runs on other data, though not of another version with the same data", async () => {
    const first = await evaluate(cases(20));
    await ada.push(bundleFiles({ title: "Same", scoring }));
    const other = await evaluate(cases(20), "same");
    expect((await compare(first, other)).comparisons[0]?.matched).toBe(40);
    await ada.push(bundleFiles({ title: "Else", scoring, files: { "reference_data/truth.txt": "else" } }));
    const elsewhere = await evaluate(cases(20), "else");
    expect(await tim.problem("GET", `/compare?runs=${first.id},${elsewhere.id}`)).toMatchObject({
      status: 409,
      code: "runs_not_comparable",
    });
  });

  it("of a run with itself, of one, of what is no run, of one without cases", async () => {
    const run = await evaluate(cases(20));
    const empty = await evaluate([]);
    for (const [runs, code] of [
      [`${run.id},${run.id}`, "runs_invalid"],
      [run.id, "runs_invalid"],
      [`${run.id},run_01jd0c2v5w8x9y0z1a2b3c4d5e`, "not_found"],
      [`${run.id},nonsense`, "request_invalid"],
      [`${run.id},${empty.id}`, "no_cases"],
    ]) {
      expect(await tim.problem("GET", `/compare?runs=${runs}`)).toMatchObject({ code });
    }
    const twice = await tim.problem("GET", `/compare?runs=${run.id},${empty.id},${run.id}`);
    expect(twice.detail).toBe(`A comparison is of 2 to 6 different runs; ${run.id} is named twice.`);
    const seven = Array.from({ length: 7 }, (_, i) => `${run.id.slice(0, -1)}${i}`).join(",");
    expect((await tim.problem("GET", `/compare?runs=${seven}`)).detail).toContain("here are 7.");
  });

  it("to whom one of the runs is not shown", async () => {
    const eve = await pipeline.actor("eve", "submit");
    const [first, other] = [await evaluate(cases(20)), await evaluate(cases(20), "open", eve)];
    const path = `/compare?runs=${first.id},${other.id}`;
    for (const actor of [tim, eve])
      expect(await actor.problem("GET", path)).toMatchObject({ code: "not_found" });
    expect((await ada.json(comparisonSchema, "GET", path)).comparisons).toHaveLength(1);
    await ada.push(bundleFiles({ title: "Closed", scoring, phase: { hide_score_output: true } }));
    const hidden = await evaluate(cases(20), "closed");
    expect(await tim.problem("GET", `/compare?runs=${first.id},${hidden.id}`)).toMatchObject({
      code: "output_hidden",
    });
  });
});
