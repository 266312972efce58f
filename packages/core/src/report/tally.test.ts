import { describe, expect, it } from "vitest";
import { type StoredCase, toStored } from "../case/stored.ts";
import { failureOf } from "../case/failure.ts";
import { outcomeOf } from "../case/outcome.ts";
import { caseLineSchema } from "../wire/case.ts";
import { FailureGroups } from "./group.ts";
import { CaseTally } from "./tally.ts";

function stored(fields: object): StoredCase {
  const line = caseLineSchema.parse(fields);
  const outcome = outcomeOf({ line, unusable: new Map() });
  return toStored(line, { outcome, failure: failureOf(line, outcome) }, { line: 1, at: [0, 1] });
}

function tally(cases: readonly object[], taskOf: (position: number) => number = () => 0) {
  const made = new CaseTally();
  for (const [position, fields] of cases.entries())
    made.add(taskOf(position), stored({ id: `c${position}`, ...fields }));
  return made.result();
}

const times = (n: number, fields: object) => Array.from({ length: n }, () => fields);

describe("accuracy", () => {
  it("of 8 in 10 lies, by Wilson, from 0.490 to 0.943", async () => {
    const { accuracy } = await tally([...times(8, { passed: true }), ...times(2, { passed: false })]);
    expect(accuracy).toMatchObject({ value: 0.8, n: 10, interval: { method: "wilson" } });
    expect(accuracy?.interval?.low).toBeCloseTo(0.49, 3);
    expect(accuracy?.interval?.high).toBeCloseTo(0.943, 3);
  });

  it("of 0 in 30 is at most 0.1135", async () => {
    const { accuracy } = await tally(times(30, { passed: false }));
    expect(accuracy?.interval?.low).toBe(0);
    expect(accuracy?.interval?.high).toBeCloseTo(0.1135, 4);
  });

  it("leaves out what was not scored, and counts it apart", async () => {
    const { counts, accuracy } = await tally([
      { passed: true },
      { passed: null },
      { error: { type: "timeout" } },
    ]);
    expect(counts).toEqual({ total: 3, passed: 1, failed: 0, errored: 1, notScored: 1 });
    expect(accuracy).toMatchObject({ value: 1, n: 1 });
  });

  it("is absent where nothing was scored", async () => {
    const report = await tally([{ passed: null }]);
    expect(report.accuracy).toBeUndefined();
    expect((await tally([])).counts.total).toBe(0);
  });

  it("averages the repeats of a case first: a case with more of them weighs no more", async () => {
    const repeated = [
      { id: "a", epoch: 1, passed: true },
      { id: "a", epoch: 2, passed: true },
      { id: "a", epoch: 3, passed: false },
      { id: "b", passed: false },
    ];
    const report = await tally(repeated);
    expect(report).toMatchObject({ cases: 2, repeats: 3 });
    expect(report.accuracy?.value).toBeCloseTo(1 / 3, 12);
    expect(report.accuracy?.interval?.method).toBe("t");
  });

  it("of cases that belong together is less certain than of as many that do not", async () => {
    const cases = Array.from({ length: 40 }, (_, i) => ({
      passed: i % 20 < 10,
      metadata: { cluster: i % 20 },
    }));
    const { accuracy, clusters } = await tally(cases);
    const apart = await tally(cases.map(({ passed }) => ({ passed })));
    expect(clusters).toBe(20);
    expect(accuracy?.interval?.method).toBe("clustered_t");
    expect(accuracy!.interval!.low).toBeLessThan(apart.accuracy!.interval!.low);
  });

  it("of clusters that are all alike counts the clusters", async () => {
    const cases = Array.from({ length: 20 }, (_, i) => ({ passed: true, metadata: { cluster: i % 10 } }));
    const { accuracy } = await tally(cases);
    // Wilson, 10 of 10.
    expect(accuracy?.interval?.low).toBeCloseTo(0.7225, 4);
    expect(accuracy?.interval).toMatchObject({ high: 1, method: "wilson" });
  });

  it("keeps cases of different tasks apart, whatever their ids", async () => {
    const report = await tally(
      [
        { id: "a", passed: true },
        { id: "a", passed: false },
      ],
      (position) => position,
    );
    expect(report).toMatchObject({ cases: 2, repeats: 1 });
  });
});

describe("pass@k", () => {
  it("is estimated without bias, for k up to the fewest repeats", async () => {
    const results = [true, false, false, true].map((passed, i) => ({ id: "a", epoch: i + 1, passed }));
    const never = [1, 2, 3].map((epoch) => ({ id: "b", epoch, passed: false }));
    // By hand: of 4 with 2 passed, 1 − C(2,2)/C(4,2) = 5/6; of 3 with none, 0.
    const { passAtK } = await tally([...results, ...never]);
    expect(passAtK.map(({ k }) => k)).toEqual([1, 2, 3]);
    expect(passAtK[0]!.value).toBeCloseTo(0.25, 12);
    expect(passAtK[1]!.value).toBeCloseTo(5 / 12, 12);
    expect(passAtK[2]!.value).toBeCloseTo(0.5, 12);
  });

  it("is left out where nothing was repeated", async () => {
    expect((await tally(times(3, { passed: true }))).passAtK).toEqual([]);
  });
});

describe("numbers", () => {
  it("have a mean with a t interval", async () => {
    const { score, scores } = await tally(
      [1, 2, 3, 4, 5].map((value) => ({ passed: true, score: value, scores: { bleu: value } })),
    );
    // t(0.975, 4) = 2.776, standard error 0.7071.
    expect(score).toMatchObject({ value: 3, n: 5, interval: { method: "t" } });
    expect(score?.interval?.low).toBeCloseTo(1.0368, 4);
    expect(scores["bleu"]).toEqual(score);
  });

  it("that are all alike have a mean, and no interval of no width", async () => {
    expect((await tally(times(3, { passed: true, score: 0.5 }))).score).toEqual({ value: 0.5, n: 3 });
  });

  it("leave out what met an error or was declined, and not what has a score and no verdict", async () => {
    const number = { score: 7, scores: { bleu: 30 } };
    const { score, scores } = await tally([
      { ...number, error: { type: "timeout" } },
      { ...number, passed: null },
      { score: 3, scores: { bleu: 10 } },
      { score: 5, scores: { bleu: 20 }, passed: false, error: { type: "timeout" } },
    ]);
    expect(score).toMatchObject({ value: 4, n: 2 });
    expect(scores["bleu"]).toMatchObject({ value: 15, n: 2 });
  });

  it("so large that they cannot be summed or squared have a mean, and no interval", async () => {
    expect((await tally([1e308, 1.5e308].map((score) => ({ passed: true, score })))).score).toEqual({
      value: 1.25e308,
      n: 2,
    });
    expect((await tally([1e300, -1e300].map((score) => ({ passed: true, score })))).score).toEqual({
      value: 0,
      n: 2,
    });
  });

  it("of latency are mean, median and 95th percentile of the results that state one", async () => {
    const cases = Array.from({ length: 101 }, (_, i) => ({ passed: true, latency_ms: i }));
    expect((await tally([...cases, { passed: true }])).latencyMs).toEqual({
      n: 101,
      mean: 50,
      p50: 50,
      p95: 95,
    });
  });

  it("of cost are unknown as soon as one price is, while tokens are still shown", async () => {
    const usage = { input_tokens: 10, output_tokens: 5 };
    const priced = { passed: true, usage, cost_usd: 0.25 };
    expect((await tally([priced, priced])).costUsd).toEqual({ n: 2, total: 0.5, perCase: 0.25 });
    const report = await tally([priced, { passed: true, usage, cost_usd: null }]);
    expect(report.costUsd).toEqual({ n: 1, total: null, perCase: null });
    expect(report.tokens).toEqual({ n: 2, input: 20, output: 10, inputPerCase: 10, outputPerCase: 5 });
  });

  it("of tokens leave out what no result states: it is unknown, not zero", async () => {
    const cases = [{ usage: { input_tokens: 10 } }, { usage: { input_tokens: 20 } }, {}];
    expect((await tally(cases)).tokens).toEqual({ n: 2, input: 30, inputPerCase: 15 });
    const mixed = [{ usage: { input_tokens: 10 } }, { usage: { output_tokens: 3 } }];
    expect((await tally(mixed)).tokens).toEqual({
      n: 2,
      input: 10,
      inputPerCase: 10,
      output: 3,
      outputPerCase: 3,
    });
  });
});

it("counts refusals, and those it only suspects", async () => {
  const { refusals } = await tally([
    { passed: false, stop_reason: "refusal" },
    { passed: false, output: "I'm sorry, but I cannot help with that." },
    { passed: false, output: "4" },
  ]);
  expect(refusals).toEqual({ total: 2, suspected: 1 });
});

describe("groups of failures", () => {
  it("put together what differs in numbers and names only, with examples, the largest first", () => {
    const groups = new FailureGroups();
    const messages = [
      "timed out after 3 s",
      "timed out after 12 s",
      'unknown tool "a"',
      "Timed out after 0.5 s",
      "timed out after 1 s",
    ];
    for (const [i, message] of messages.entries()) {
      groups.add(0, stored({ id: `c${i}`, error: { type: "timeout", message } }));
    }
    groups.add(
      0,
      stored({ id: "x", passed: false, failure: { category: "hallucination", detail: "a date" } }),
    );
    groups.add(0, stored({ id: "y", passed: true }));
    const { total, categories } = groups.result();
    expect(total).toBe(6);
    expect(categories.map(({ category, count, sources }) => [category, count, sources])).toEqual([
      ["error", 5, { rule: 5 }],
      ["hallucination", 1, { program: 1 }],
    ]);
    expect(categories[0]!.groups).toMatchObject([
      { signature: "timeout: timed out after <number> s", count: 4 },
      { signature: "timeout: unknown tool <text>", count: 1 },
    ]);
    expect(categories[0]!.groups[0]!.examples.map(({ id }) => id)).toEqual(["c0", "c1", "c3"]);
  });

  it("stay few, whatever programs make up, and every case is counted", () => {
    const groups = new FailureGroups();
    const letters = (n: number) => n.toString(26).replaceAll(/\d/g, (digit) => "klmnopqrst"[Number(digit)]!);
    for (let i = 0; i < 3000; i++) {
      const category = i < 2500 ? "mine" : `kind ${i}`;
      groups.add(0, stored({ id: String(i), passed: false, failure: { category, detail: letters(i) } }));
    }
    const { total, categories, others } = groups.result();
    expect(total).toBe(3000);
    expect(categories.reduce((sum, { count }) => sum + count, others)).toBe(3000);
    const [mine] = categories;
    expect(mine!.groups.reduce((sum, { count }) => sum + count, mine!.others)).toBe(2500);
    expect(JSON.stringify(categories).length).toBeLessThan(200_000);
  });
});

describe("a bootstrap interval, when it is asked for", () => {
  const scored = Array.from({ length: 40 }, (_, position) => ({ score: position < 36 ? 0 : 10 + position }));
  const resampled = async (seed: number, cases: readonly object[] = scored) => {
    const made = new CaseTally(seed);
    for (const [position, fields] of cases.entries()) made.add(0, stored({ id: `c${position}`, ...fields }));
    return made.result();
  };

  it("never leaves the values' range, as Student's does, and comes out the same with the same seed", async () => {
    const { score } = await resampled(7);
    expect((await tally(scored)).score?.interval).toMatchObject({ method: "t" });
    expect(score?.interval).toMatchObject({ method: "bootstrap", resampling: { seed: 7, samples: 2000 } });
    expect(score?.interval?.low).toBeGreaterThanOrEqual(0);
    expect(score?.value).toBe((await tally(scored)).score?.value);
    expect(await resampled(7)).toEqual(await resampled(7));
    expect((await resampled(8)).score?.interval).not.toEqual(score?.interval);
  });

  it("takes no place of Wilson's, resamples clusters whole, and is none of values that are all alike", async () => {
    const passed = [...times(8, { passed: true, score: 1 }), ...times(2, { passed: false, score: 0.5 })];
    expect((await resampled(1, passed)).accuracy?.interval?.method).toBe("wilson");
    const copies = passed.flatMap((fields, i) => times(3, { ...fields, metadata: { cluster: `k${i}` } }));
    const [copied, single] = await Promise.all(
      [copies, passed].map(async (cases) => (await resampled(1, cases)).score?.interval),
    );
    expect(copied?.method).toBe("bootstrap");
    expect(copied?.low).toBeCloseTo(single?.low ?? 0, 10);
    expect(copied?.high).toBeCloseTo(single?.high ?? 0, 10);
    expect((await resampled(1, times(30, { score: 0.6 }))).score).toEqual({
      value: expect.closeTo(0.6, 9),
      n: 30,
    });
  });
});
