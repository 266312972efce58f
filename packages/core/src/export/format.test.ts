import { describe, expect, test } from "vitest";
import { caseLineSchema } from "../wire/case.ts";
import { type CaseExportFormat, caseExportFormats } from "../wire/case-export.ts";
import { caseFormats, formatCases } from "./format.ts";
import type { ExportStep, WholeCase } from "./whole-case.ts";

const from = { environment: "lab", version: 3, run: "run_01jd0c2v5w8x9y0z1a2b3c4d5e" } as const;

function whole(line: object, more: Partial<WholeCase> = {}): WholeCase {
  const parsed = caseLineSchema.parse({ id: "q", ...line });
  return { task: 0, outcome: { status: "failed" }, failure: undefined, taken: {}, line: parsed, ...more };
}

function one(format: CaseExportFormat, found: WholeCase): unknown {
  const record = caseFormats[format].record(found, from, 0);
  return record === undefined ? undefined : JSON.parse(record);
}

const tool = [
  { role: "user", content: "Weather?" },
  { role: "assistant", content: null, tool_calls: [{ id: "1", type: "function", function: { name: "w" } }] },
  { role: "tool", tool_call_id: "1", content: "rain" },
];

describe("a case without what the format is made of is left out", () => {
  test.each<[string, CaseExportFormat, object]>([
    ["no input", "chat", { target: "4" }],
    ["an empty input", "chat", { input: "", target: "4" }],
    ["no target", "chat", { input: "2 + 2?" }],
    ["an empty list of targets", "preference", { input: "2 + 2?", target: [], output: "5" }],
    ["a role that no chat API has", "chat", { input: [{ role: "oracle", content: "?" }], target: "4" }],
    ["no answer", "preference", { input: "2 + 2?", target: "4" }],
    ["the expected answer", "preference", { input: "2 + 2?", target: "4", output: "4" }],
    ["another right answer", "preference", { input: "2 + 2?", target: ["4", "four"], output: "four" }],
    ["no input", "inspect", { target: "4" }],
    ["no input", "verifiers", { target: "4" }],
  ])("%s, of %s", (_, format, line) => {
    expect(one(format, whole(line))).toBeUndefined();
  });
});

test("a case that was not scored is no rollout", () => {
  const outcome = { status: "not_scored", reason: { code: "declined", message: "" } } as const;
  expect(one("verifiers", whole({ input: "?" }, { outcome }))).toBeUndefined();
  expect(one("verifiers", whole({ input: "?", score: 7 }, { outcome }))).toMatchObject({ reward: 7 });
});

test("an answer that passed, or that nobody judged, is not one to learn against", () => {
  const line = { input: "2 + 2?", target: "4", output: "It is 4." };
  const reason = { code: "declined", message: "" } as const;
  expect(one("preference", whole(line, { outcome: { status: "passed" } }))).toBeUndefined();
  expect(one("preference", whole(line, { outcome: { status: "not_scored", reason } }))).toBeUndefined();
});

test("what the gateway measured stands beside what the program claims, or in its place where there is one column", () => {
  const claim = { input: "?", latency_ms: 1, cost_usd: null };
  const measured = { calls: 2, model: "m" };
  const taken = { latencyMs: 90, inputTokens: 12, outputTokens: 3, costUsd: 0.5, measured };
  expect(one("jsonl", whole(claim, { taken }))).toMatchObject({ latency_ms: 1, benchgen: taken });
  expect(one("jsonl", whole(claim, { taken: { latencyMs: 1 } }))).not.toHaveProperty("benchgen.latencyMs");
  expect(caseFormats.csv.record(whole(claim, { taken }), from, 0)).toMatch(/,90,12,3,0\.5,gateway\r\n$/);
  expect(caseFormats.csv.record(whole(claim), from, 0)).toMatch(/,,,,,\r\n$/);
});

test("tool calls of a prompt are kept as they were", () => {
  expect(one("chat", whole({ input: tool, target: "Rain." }))).toEqual({
    messages: [...tool, { role: "assistant", content: "Rain." }],
  });
});

test("an answer given as messages is its text", () => {
  const output = [{ role: "assistant", content: [{ type: "text", text: "Sun" }] }];
  expect(one("preference", whole({ input: tool, target: "Rain.", output }))).toMatchObject({
    non_preferred_output: [{ role: "assistant", content: "Sun" }],
  });
});

test("ids of samples differ by task and repeat", () => {
  const ids = [
    whole({ input: "?" }),
    whole({ input: "?", epoch: 2 }),
    whole({ input: "?" }, { task: 1 }),
  ].map((found) => one("inspect", found));
  expect(ids).toMatchObject([{ id: "q" }, { id: "q#2" }, { id: "1/q" }]);
});

test("nothing a program wrote replaces what the platform says, nor the other way round", () => {
  const found = whole({ environment: "forged", run: "forged", input: "?" });
  expect(one("jsonl", found)).toMatchObject({ environment: "forged", benchgen: { ...from, task: 0 } });
});

test.each(caseExportFormats)("no case, no record: %s", async (name) => {
  async function* none(): AsyncGenerator<ExportStep> {}
  const format = caseFormats[name];
  const parts = await Array.fromAsync(formatCases(none(), format, from));
  expect(parts.map(({ text }) => text)).toEqual(format.header === undefined ? [] : [format.header]);
});
