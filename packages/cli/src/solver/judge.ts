/**
 * The solver as a judge of answers. Pure. It is asked with one JSON object: `question`, `expected`, `answer`, and in
 * `allowed` the verdicts to choose from; it answers with one.
 */
import * as z from "zod";

const askedSchema = z.looseObject({
  allowed: z.array(z.string()).min(1),
  question: z.string().default(""),
  expected: z.string().default(""),
  answer: z.string().default(""),
});
type Asked = z.infer<typeof askedSchema>;

/** What it says; undefined when the prompt asks for no judgement. @param errs it chooses another one of those allowed */
export function judge(prompt: string, errs: boolean): string | undefined {
  const asked = askedSchema.safeParse(parse(prompt));
  if (!asked.success) return undefined;
  const { allowed } = asked.data;
  const ruled = allowed.includes("correct") ? grade(asked.data) : sort(asked.data);
  const at = allowed.indexOf(ruled.verdict);
  const verdict = at < 0 || errs ? allowed[(at + 1) % allowed.length] : ruled.verdict;
  return JSON.stringify({ category: verdict, verdict, explanation: ruled.explanation });
}

function parse(prompt: string): unknown {
  try {
    return JSON.parse(prompt);
  } catch {
    return undefined;
  }
}

interface Ruling {
  readonly verdict: string;
  readonly explanation: string;
}

/** Right or wrong: the expected answer stands in the given one as words of their own, or its numbers are the same. */
function grade({ expected, answer }: Asked): Ruling {
  const isRight = expected
    .split(" | ")
    .some(
      (each) =>
        (` ${words(answer)} `.includes(` ${words(each)} `) && words(each) !== "") ||
        hasSameNumbers(each, answer),
    );
  return isRight
    ? { verdict: "correct", explanation: `The answer says "${expected}".` }
    : { verdict: "incorrect", explanation: `The answer does not say "${expected}".` };
}

/** Why it is wrong. */
function sort(asked: Asked): Ruling {
  const { question, expected, answer } = asked;
  if (/\b(?:sorry|can(?:no|')t|unable|won't)\b/i.test(answer))
    return { verdict: "refusal", explanation: "It declines to answer." };
  if (grade(asked).verdict === "correct")
    return { verdict: "wrong_format", explanation: "The right answer is in it, with more around it." };
  if (isNumber(expected) && isNumber(answer))
    return { verdict: "factual_error", explanation: `It says ${answer}, and ${expected} is right.` };
  const known = new Set(words(`${question} ${expected}`).split(" "));
  const invented = words(answer)
    .split(" ")
    .find((word) => word.length > 3 && !known.has(word));
  return invented === undefined
    ? { verdict: "incorrect", explanation: "It is wrong." }
    : { verdict: "hallucination", explanation: `It makes up "${invented}".` };
}

/** "48" says what "48 eggs" does. */
function hasSameNumbers(expected: string, answer: string): boolean {
  const [wanted, given] = [expected, answer].map((text) => (text.match(/\d+(?:\.\d+)?/g) ?? []).join(" "));
  return wanted !== "" && wanted === given;
}

function isNumber(text: string): boolean {
  return text.trim() !== "" && Number.isFinite(Number(text));
}

function words(text: string): string {
  return text
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}.]+/gu, " ")
    .trim();
}
