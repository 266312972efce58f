import type { CaseReport, RunReport } from "@benchgen/core/wire/report.ts";
import { expect, it } from "vitest";
import { renderFailures, renderReport } from "./report.ts";

const overall: CaseReport = {
  counts: { total: 200, passed: 150, failed: 40, errored: 7, notScored: 3 },
  cases: 100,
  repeats: 2,
  accuracy: { value: 0.789, n: 95, interval: { low: 0.71, high: 0.868, method: "t" } },
  scores: { bleu: { value: 0.5, n: 1 } },
  passAtK: [
    { k: 1, value: 0.789 },
    { k: 2, value: 0.9 },
  ],
  measured: 190,
  latencyMs: { n: 193, mean: 1200, p50: 900.4, p95: 12_000 },
  tokens: { n: 200, input: 123_456, output: 2000, inputPerCase: 617.28, outputPerCase: 10 },
  costUsd: { n: 199, total: null, perCase: null },
  refusals: { total: 4, suspected: 1 },
  failures: [
    { category: "incorrect", count: 36 },
    { category: "error", count: 7 },
    { category: "refusal", count: 4 },
  ],
};
const report: RunReport = {
  version: 1,
  runId: "run_01jd0c2v5w8x9y0z1a2b3c4d5e",
  name: "baseline",
  environment: "sums",
  environmentVersion: 2,
  overall,
  tasks: [{ index: 0, name: "Only", report: overall }],
  problems: [
    {
      task: 0,
      lost: 1,
      total: 2,
      findings: [{ level: "error", code: "case.line_unreadable", message: "Line 7 is not JSON.\u001b[2J" }],
    },
  ],
};

it("shows what cases come to, with what is unknown said to be so, on lines of 80 columns", () => {
  const lines = renderReport(report).plain.split("\n");
  for (const line of lines) expect(line.length).toBeLessThanOrEqual(80);
  expect(lines).toEqual([
    "baseline  sums@2  run_01jd0c2v5w8x9y0z1a2b3c4d5e",
    "results     200 (150 passed, 40 failed, 7 met an error, 3 not scored)",
    "cases       100, up to 2 results each",
    "accuracy    0.789  95 % from 0.710 to 0.868  n = 95",
    "latency     mean 1200 ms, median 900 ms, 95 % within 12.0 s (known of 193)",
    "cost        unknown: 1 of 200 has none",
    "failed for  incorrect 36, refusal 4; 7 errors (no fault of the model)",
    "",
    "bleu        0.500  n = 1",
    "pass@k      @1 0.789  @2 0.900",
    "measured    by the gateway, 190 of 200, the others as the program claims",
    "tokens in   123,456 (617.3 each)",
    "tokens out  2,000 (10.0 each)",
    "refusals    4 (1 of them not for certain)",
    "",
    "task 0: results.jsonl has 2 problems, 1 line lost",
    "  Line 7 is not JSON.",
    "  … and 1 more",
  ]);
});

it("says that what several tasks come to together is over them, and what each comes to", () => {
  const means = {
    ...overall,
    score: { value: 0.5, n: 95 },
    scores: { ...overall.scores, grams: { value: 2, n: 9 } },
  };
  const accuracy = { value: 0.988, n: 12, interval: { low: 0.9, high: 1, method: "wilson" as const } };
  const easy = { index: 1, name: "Easy", report: { ...means, accuracy } };
  const { plain } = renderReport({ ...report, overall: means, tasks: [...report.tasks, easy] });
  expect(plain).toContain("accuracy    0.789  95 % from 0.710 to 0.868  n = 95 over 2 tasks\n");
  // One task alone has these.
  expect(plain).toContain("score       0.500  n = 95\n");
  expect(plain).toMatch(/grams +2\.000 {2}n = 9\n/);
  expect(plain).toMatch(/bleu +0\.500 {2}n = 1 over 2 tasks\n/);
  expect(plain).toMatch(/^# +TASK +RESULTS +ACCURACY/m);
  expect(plain).toMatch(/^0 +Only +200 +0\.789 +0\.710 to 0\.868 +7$/m);
  expect(plain).toMatch(/^1 +Easy +200 +0\.988 +0\.900 to 1\.000 +7$/m);
});

it("says whose numbers latency, tokens and cost are", () => {
  const shown = (measured: number | undefined) =>
    renderReport({ ...report, overall: { ...overall, measured } }).plain;
  expect(shown(200)).toContain("measured    by the gateway, 200 of 200\n");
  expect(shown(undefined)).toContain(
    "measured    nothing: latency, tokens and cost are the program's claims\n",
  );
  const { latencyMs: _latency, tokens: _tokens, ...without } = overall;
  const plain = { ...without, costUsd: { n: 0, total: null, perCase: null } };
  expect(renderReport({ ...report, overall: plain }).plain).not.toContain("measured");
});

it("says what is known of the cost, and nothing where no model was asked", () => {
  const costOf = (n: number, tokens: CaseReport["tokens"] = overall.tokens, total: number | null = null) => {
    const { tokens: _, ...rest } = overall;
    const costUsd = { n, total, perCase: total === null ? null : total / n };
    const shown = { ...rest, ...(tokens?.n === 0 ? {} : { tokens }), costUsd };
    return /^cost +(.*)$/m.exec(renderReport({ ...report, overall: shown }).plain)?.[1];
  };
  expect(costOf(100)).toBe("unknown: 100 of 200 have none");
  expect(costOf(0)).toBe("unknown: no result has one");
  expect(costOf(0, { n: 0 })).toBeUndefined();
  expect(costOf(200, undefined, 0.000_07)).toBe("$0.000070 ($0.00000035 each)");
  expect(costOf(200, undefined, 1234.5)).toBe("$1234.50 ($6.17 each)");
  expect(costOf(200, undefined, 0)).toBe("$0.00 ($0.00 each)");
});

it("says of cases that have scores and no verdict just that", () => {
  const counts = { total: 40, passed: 0, failed: 0, errored: 0, notScored: 40 };
  const { accuracy: _, ...rest } = overall;
  const costUsd = { n: 0, total: null, perCase: null };
  const rated = { ...rest, repeats: 1, counts, costUsd, score: { value: 51, n: 40 }, failures: [] };
  const { plain } = renderReport({ ...report, overall: rated });
  expect(plain).toContain("cases    40 (rated by score, none passed or failed)\n");
  expect(plain).not.toContain("accuracy");
});

it("tells a mean that is called as a line of the report is from that line", () => {
  const scores = { accuracy: { value: 0.5, n: 9 }, f1: { value: 0.25, n: 9 } };
  const { plain } = renderReport({ ...report, overall: { ...overall, scores } });
  expect(plain).toMatch(/^scores\.accuracy +0\.500 +n = 9$/m);
  expect(plain).toMatch(/^f1 +0\.250/m);
});

it("says that accuracy and tokens are unknown where nothing states them", () => {
  const counts = { total: 10, passed: 0, failed: 0, errored: 0, notScored: 10 };
  const { accuracy: _, ...rest } = overall;
  const tokens = { n: 10, input: 50, inputPerCase: 5 };
  const { plain } = renderReport({ ...report, overall: { ...rest, counts, tokens } });
  expect(plain).toContain("accuracy    unknown: no case was scored\n");
  expect(plain).toContain("tokens in  50 (5.0 each)\n");
  expect(plain).not.toContain("tokens out");
});

it("shows means of any size in a few digits", () => {
  const scores = {
    loss: { value: 0.000_421_7, n: 9, interval: { low: 0.0001, high: 0.0512, method: "t" as const } },
    vast: { value: 1.549_999e301, n: 9 },
    large: { value: 4.5e15, n: 9 },
    none: { value: 0, n: 9 },
    drawn: { value: 2, n: 9, interval: { low: 1, high: 3.5, method: "bootstrap" as const } },
  };
  const { plain } = renderReport({ ...report, overall: { ...overall, scores } });
  expect(plain).toMatch(/loss +0\.000422 {2}95 % from 0\.0001 to 0\.051 {2}n = 9/);
  expect(plain).toMatch(/vast +1\.55e\+301 {2}n = 9/);
  expect(plain).toMatch(/large +4\.5e\+15 {2}n = 9/);
  expect(plain).toMatch(/drawn +2\.000 {2}95 % from 1\.000 to 3\.500 by bootstrap {2}n = 9/);
  expect(plain).toMatch(/none +0\.000 {2}n = 9/);
});

it("names the most frequent categories of failure, and counts the others", () => {
  const failures = Array.from({ length: 9 }, (_, i) => ({
    category: `${"long ".repeat(12)}${i}`,
    count: 9 - i,
  }));
  const { plain } = renderReport({ ...report, overall: { ...overall, failures } });
  const line = plain.split("\n").find((each) => each.startsWith("failed for"))!;
  expect(line).toMatch(/^failed for {2}(?:long long long long… \d, ){4}and 15 more$/);
});

it("gives the same advice once, however many lines need it", () => {
  const finding = {
    level: "error" as const,
    code: "case.duplicate",
    message: "Line 2 repeats.",
    hint: "Number them.",
  };
  const findings = [finding, { ...finding, message: "Line 3 repeats." }];
  const { plain } = renderReport({ ...report, problems: [{ task: 0, lost: 2, total: 30, findings }] });
  expect(plain).toContain("\n  Line 2 repeats. Number them.\n  Line 3 repeats.\n  … and 28 more");
});

it("says so when there are no cases", () => {
  const { overall: _overall, ...empty } = report;
  expect(renderReport({ ...empty, tasks: [] }).plain).toContain("reported no cases");
});

it("shows groups of failures with examples to look at", () => {
  const example = (id: string, epoch = 1) => ({ task: 0, id, epoch });
  const shown = renderFailures({
    version: 1,
    runId: report.runId,
    total: 14,
    categories: [
      {
        category: "error",
        count: 13,
        sources: { rule: 13 },
        suspected: 0,
        groups: [
          {
            signature: "timeout: no answer in <number> s",
            count: 12,
            examples: [example("a"), example("b", 2)],
          },
          { signature: "", count: 1, examples: [example("\u001b[2Jc")] },
        ],
        others: 0,
      },
      { category: "refusal", count: 1, sources: { program: 1 }, suspected: 1, groups: [], others: 1 },
    ],
    others: 0,
  });
  expect(shown.plain.split("\n")).toEqual([
    "error 13",
    "  12 × timeout: no answer in <number> s",
    "       like a, b #2",
    "   1 × (nothing said)",
    "       like c",
    "",
    "refusal 1 (1 by the scoring program, 1 not for certain)",
    "  … and 1 more, of other kinds",
  ]);
});
