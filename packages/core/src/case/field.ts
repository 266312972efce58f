/** What is wrong with a field of a line that is left out, in words. Pure. */
import { maxCaseCostUsd, maxCaseLatencyMs, maxCaseTokens } from "../wire/case.ts";

const text = "a text";
const number = "a number";
const messages = "a text or a list of chat messages";

/** What each field may be, beside null. */
const wanted: Readonly<Record<string, string>> = {
  input: messages,
  output: messages,
  target: "a text or a list of texts",
  passed: "true, false or null",
  score: number,
  scores: "an object of numbers",
  extracted_answer: text,
  explanation: text,
  latency_ms: `a number from 0 to ${maxCaseLatencyMs}`,
  usage: "an object of token counts",
  cost_usd: `a number from 0 to ${maxCaseCostUsd}`,
  model: text,
  stop_reason: text,
  error: 'an object like {"type": "timeout", "message": "30 s"}',
  failure: 'an object like {"category": "hallucination", "detail": "no such book"}',
  metadata: "an object",
};

/** The same of what is in a field that is an object. */
const wantedInside: Readonly<Record<string, string>> = {
  scores: number,
  usage: `a whole number from 0 to ${maxCaseTokens}`,
  error: text,
  failure: text,
  metadata: "a text, a number, true, false or null",
};

/** `NaN is not a number`. @param isInside whether the value is in an object that the field is */
export function fieldFault(field: string, value: unknown, isInside: boolean): string {
  const expected = (isInside ? wantedInside : wanted)[field] ?? "what belongs there";
  return `${shown(value)} is not ${expected}`;
}

const maxShown = 40;

function shown(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object" && value !== null) return "an object";
  // As they were written, which is without quotes.
  if (typeof value !== "string" || value === "NaN" || /^-?Infinity$/.test(value)) return String(value);
  const quoted = JSON.stringify(value.slice(0, maxShown).toWellFormed());
  return `the text ${value.length > maxShown ? `${quoted}…` : quoted}`;
}
