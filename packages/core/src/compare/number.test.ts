import { expect, test } from "vitest";
import { type Written, runsOf } from "./column.fixture.ts";
import { compareScores, compareUsage } from "./number.ts";
import { pairCases } from "./pair.ts";

const cases = (fields: (id: number) => Partial<Written>, count = 30): Written[] =>
  Array.from({ length: count }, (_, id) => ({ id, passed: true, ...fields(id) }));

async function scores(first: readonly Written[], other: readonly Written[]) {
  const runs = await runsOf(first, other);
  return compareScores(runs, (await pairCases(runs)).matched);
}

test("differences that are all alike are no certainty: no interval, no test, no gap", async () => {
  const [score] = await scores(
    cases((id) => ({ score: id * 0.1 })),
    cases((id) => ({ score: id * 0.1 + 0.6 })),
  );
  expect(score).toEqual({
    name: "score",
    n: 30,
    first: expect.closeTo(1.45, 9),
    other: expect.closeTo(2.05, 9),
    difference: { estimate: expect.closeTo(0.6, 9), method: "t" },
  });
});

test("scores that both runs have are compared, in cases that both have them for", async () => {
  const compared = await scores(
    cases((id) => ({ score: id, scores: { bleu: id % 3, mine: 1 } })),
    cases((id) => ({ ...(id < 20 && { score: id + (id % 2) }), scores: { bleu: id % 4 } })),
  );
  expect(compared.map(({ name, n }) => [name, n])).toEqual([
    ["score", 20],
    ["bleu", 30],
  ]);
  // Known: ten differences of 1 and ten of 0 have a mean of 0.5 with a standard error of 0.1147.
  expect(compared[0]?.difference.low).toBeCloseTo(0.26, 3);
  expect(compared[0]?.resolvableGap).toBeCloseTo(0.3214, 4);
  expect(compared[0]?.pValue).toBeCloseTo(0.00034, 5);
});

test("a name in scores that is the field's own is not taken for it", async () => {
  const compared = await scores(
    cases((id) => ({ score: id, scores: { score: id % 3 } })),
    cases((id) => ({ score: id, scores: { score: id % 2 } })),
  );
  expect(compared.map(({ name }) => name)).toEqual(["score", "scores.score"]);
});

test("numbers whose sums are none are left out", async () => {
  const compared = await scores(
    cases(() => ({ score: 1e308, scores: { small: 5e-324 } })),
    cases((id) => ({ score: -1e308, scores: { small: id * 5e-324 } })),
  );
  expect(compared.map(({ name }) => name)).toEqual(["small"]);
  expect(JSON.stringify(compared)).not.toContain("null");
});

test("what cases took is compared by the median of differences, whatever a few slow ones took", async () => {
  const runs = await runsOf(
    cases((id) => ({ latencyMs: 100 + id })),
    cases((id) => ({ latencyMs: id === 3 ? 1e9 : 90 + id })),
  );
  expect(await compareUsage(runs, (await pairCases(runs)).matched)).toEqual([
    {
      name: "latencyMs",
      n: 30,
      first: 114.5,
      other: 105.5,
      difference: { estimate: -10, low: -10, high: -10, method: "sign" },
    },
  ]);
});
