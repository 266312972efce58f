import type { CaseDetail, CaseSummary } from "@benchgen/core/wire/case.ts";
import { describe, expect, it } from "vitest";
import { renderCase, renderCases } from "./case.ts";

function summary(facts: Partial<CaseSummary>): CaseSummary {
  return { task: 0, id: "c1", epoch: 1, outcome: { status: "passed" }, ...facts };
}

describe("a table of cases", () => {
  it("is as wide as the terminal at most, and gives the room to what is long", () => {
    const cases = [
      summary({ id: "a".repeat(300), input: "q".repeat(160), output: "4", target: "4" }),
      summary({
        task: 12,
        epoch: 3,
        input: "数".repeat(100),
        outcome: { status: "not_scored", reason: { code: "error", message: "" } },
        failure: { category: "c".repeat(60), source: "rule", confidence: "low", signature: "" },
      }),
    ];
    for (const columns of [80, 100, 200]) {
      const lines = renderCases(cases, columns).plain.split("\n");
      expect(lines).toHaveLength(3);
      for (const line of lines) expect(line.length).toBeLessThanOrEqual(columns);
    }
    expect(renderCases([summary({ input: "What is 2 + 2?", output: "4", target: "4" })], 80).plain).toBe(
      "CASE  OUTCOME  INPUT           ANSWER  EXPECTED\nc1    passed   What is 2 + 2?  4       4",
    );
  });

  it("has what each case took where there is room for it", () => {
    const cases = [
      summary({ latencyMs: 12_345, inputTokens: 1234, outputTokens: 5, costUsd: 0.000_012 }),
      summary({ id: "c2", latencyMs: 8.25 }),
    ];
    expect(renderCases(cases, 120).plain.split("\n")).toEqual([
      "CASE  OUTCOME  LATENCY  TOKENS IN  OUT       COST  INPUT  ANSWER  EXPECTED",
      "c1    passed    12.3 s      1,234    5  $0.000012  –      –       –",
      "c2    passed    8.3 ms          –    –          –  –      –       –",
    ]);
    expect(renderCases(cases, 119).plain).not.toContain("LATENCY");
  });

  it("leaves nothing of what programs write that could command a terminal", () => {
    const shown = renderCases([summary({ id: "\u001b[2J1", output: "a\nb\u202e\u0007" })], 80).plain;
    expect(shown).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/);
    expect(shown).toContain("a b");
  });
});

describe("one case", () => {
  const detail: CaseDetail = {
    task: 0,
    id: "c1",
    epoch: 1,
    line: 4,
    outcome: { status: "failed" },
    failure: { category: "refusal", source: "rule", confidence: "low", signature: "" },
    inputTokens: 12,
    outputTokens: 3,
    result: {
      id: "c1",
      epoch: 1,
      passed: false,
      input: [
        { role: "system", content: "Be brief." },
        { role: "user", content: "2 + 2?\nNow." },
      ],
      output: "I \u001b[31mwill not.",
      target: ["4", "four"],
      score: 0,
      usage: { input_tokens: 12, output_tokens: 3 },
      metadata: { level: "easy" },
      mine: true,
    },
  };
  it("is shown with all it has, each text on lines of its own", () => {
    expect(renderCase(detail).plain.split("\n")).toEqual([
      "c1 failed",
      "task 0 · epoch 1 · line 4 of results.jsonl",
      "failed for: refusal (by rule, not certain)",
      "",
      "input",
      "  [system] Be brief.",
      "  [user] 2 + 2?",
      "  Now.",
      "",
      "answer",
      "  I will not.",
      "",
      "expected",
      "  4",
      "  four",
      "",
      "score 0",
      "claimed by the program: 12 tokens in · 3 out",
      "",
      "other fields",
      "  {",
      '    "metadata": {',
      '      "level": "easy"',
      "    },",
      '    "mine": true',
      "  }",
    ]);
  });

  it("says of one that met an error that it was not scored for it, and leaves out a message's empty content", () => {
    const output = { role: "assistant", content: null, tool_calls: [] };
    const { plain } = renderCase({
      ...detail,
      outcome: { status: "not_scored", reason: { code: "error", message: "timeout" } },
      failure: { category: "error", source: "rule", confidence: "high", signature: "" },
      result: { ...detail.result, output },
    });
    expect(plain).toContain("c1 not scored timeout\n");
    expect(plain).toContain("\nnot scored for: error (by rule)\n");
    expect(plain).toContain('answer\n  [assistant] \n  {"tool_calls":[]}\n');
  });

  it("shows what was measured as measured, beside what its program claims", () => {
    const measured = { calls: 2, model: "solver", cachedInputTokens: 5, stopReason: "stop", estimated: true };
    const shown = renderCase({ ...detail, inputTokens: 40, latencyMs: 12.4, costUsd: 0.5, measured }).plain;
    expect(shown).toContain(
      "measured by the gateway: 12 ms · 2 calls · 40 tokens in (5 cached) · 3 out · $0.50 · solver · stopped: stop · tokens estimated\n" +
        "claimed by the program: 12 tokens in · 3 out\n",
    );
  });
});
