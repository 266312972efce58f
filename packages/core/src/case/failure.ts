/** Why a case failed: rules, the first that applies. Pure. */
import { parseJson } from "../json.ts";
import type { CaseFailure, CaseLine, CaseOutcome } from "../wire/case.ts";
import { signatureOf } from "./signature.ts";
import { textOf } from "./text.ts";

/** Longer names of categories are cut. Characters. */
const maxCategory = 60;

/**
 * `error`, `truncated`, then what the program itself says, then `refusal`, `wrong_format`, `incorrect`. Undefined for
 * cases that passed, and for those nobody scored without there being an error. Whether an answer is a factual error or
 * made up cannot be told by rule: that comes from the program, or from a judge.
 */
export function failureOf(line: CaseLine, outcome: CaseOutcome): CaseFailure | undefined {
  const erred = line.error !== undefined && line.error !== null;
  if (outcome.status === "passed" || (outcome.status === "not_scored" && !erred)) return undefined;
  if (erred) return byRule("error", errorText(line));
  if (lengthReasons.has(reasonOf(line))) return byRule("truncated", line.stop_reason ?? "");
  const named = nameOf(line.failure?.category ?? "");
  if (named !== "") {
    const said = line.failure?.detail ?? line.explanation ?? answerOf(line);
    return { category: named, source: "program", confidence: "high", signature: signatureOf(said) };
  }
  if (refusalReasons.has(reasonOf(line)) || hasRefusalField(line)) return byRule("refusal", answerOf(line));
  if (soundsLikeRefusal(textOf(line.output))) {
    return { ...byRule("refusal", textOf(line.output)), confidence: "low" };
  }
  const format = formatProblem(line);
  if (format !== undefined) return byRule("wrong_format", `${format}: ${textOf(line.output)}`);
  return byRule("incorrect", line.explanation ?? answerOf(line));
}

/** As one can type it to ask for its cases: without what is not to be seen. */
function nameOf(category: string): string {
  const plain = category.replaceAll(/\p{Cf}+/gu, "").replaceAll(/[\s\p{Cc}]+/gu, " ");
  return plain.trim().slice(0, maxCategory).trimEnd().toWellFormed();
}

function byRule(category: string, said: string): CaseFailure {
  return { category, source: "rule", confidence: "high", signature: signatureOf(said) };
}

function errorText({ error }: CaseLine): string {
  return [error?.type, error?.message].filter((part) => part !== undefined && part !== "").join(": ");
}

function answerOf(line: CaseLine): string {
  return line.extracted_answer ?? textOf(line.output);
}

function reasonOf({ stop_reason }: CaseLine): string {
  return (stop_reason ?? "").toLowerCase();
}

/** As the chat APIs in use name them. */
const lengthReasons = new Set(["length", "max_tokens", "max_output_tokens", "model_length"]);
const refusalReasons = new Set([
  "content_filter",
  "refusal",
  "safety",
  "prohibited_content",
  "blocklist",
  "guardrail_intervened",
]);

/** OpenAI's API puts a refusal beside the content of the message. */
function hasRefusalField(line: CaseLine): boolean {
  const { output } = line;
  const messages = typeof output === "object" && output !== null ? [output].flat() : [];
  return [line, ...messages].some(({ refusal }) => typeof refusal === "string" && refusal !== "");
}

// A phrase is a hint, not a proof: an answer may quote one. Hence low confidence, and only at the beginning.
const refusalPhrase =
  /^\W*(?:i['’]?m (?:really |very |so )?sorry,? (?:but )?(?:i|as)\b|sorry,? (?:but )?i (?:can|am|must)|i (?:can['’]?t|cannot|can not|am unable to|am not able to|won['’]?t|will not|must decline to) (?:help|assist|answer|provide|comply|do|fulfil|discuss|engage)|as an ai\b)/;

function soundsLikeRefusal(output: string): boolean {
  return refusalPhrase.test(output.slice(0, 200).trimStart().toLowerCase());
}

/** What `metadata.answer_format` may ask of the extracted answer, or else of the output. */
const formats: Readonly<Record<string, (answer: string) => boolean>> = {
  integer: (answer) => /^[+-]?\d+$/.test(answer),
  number: (answer) => answer !== "" && Number.isFinite(Number(answer)),
  letter: (answer) => /^[A-Za-z]$/.test(answer),
  boolean: (answer) => /^(?:true|false|yes|no)$/i.test(answer),
  json: (answer) => parseJson(answer) !== undefined,
};

function formatProblem(line: CaseLine): string | undefined {
  // That there is no extracted answer says something only where the program looked for one.
  if (line.extracted_answer === null || line.extracted_answer?.trim() === "") return "no answer found";
  const answer = answerOf(line).trim();
  if (line.output !== undefined && answer === "") return "empty";
  const wanted = line.metadata?.["answer_format"];
  const matches = typeof wanted === "string" && Object.hasOwn(formats, wanted) ? formats[wanted] : undefined;
  return matches === undefined || matches(answer) ? undefined : `not ${String(wanted)}`;
}
