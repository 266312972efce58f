/** What an endpoint's refusal means, in our words. Pure. */
import { redact } from "./redact.ts";

/** Codes of all that can go wrong between the gateway and an endpoint. Part of the gateway's interface. */
export const upstreamCodes = [
  "upstream_key_refused",
  "upstream_unpaid",
  "upstream_rate_limited",
  "upstream_rejected",
  "upstream_failed",
  "upstream_redirected",
  "upstream_unreadable",
  "upstream_refused",
  "upstream_unreachable",
  "upstream_slow",
  "upstream_cut",
] as const;
export type UpstreamCode = (typeof upstreamCodes)[number];

export interface UpstreamProblem {
  readonly code: UpstreamCode;
  readonly message: string;
  readonly hint?: string;
}

/** Longest text of an endpoint that is passed on. Characters. */
const maxMessage = 500;

/** Of the statuses that say a call was wrong, those that pass by themselves: too slow, in the way of another, too early. */
const passing = new Set([408, 409, 425]);

/**
 * Why an answer is no success; undefined when it is one.
 * @param body the beginning of the answer
 * @param key taken out of whatever the endpoint says
 */
export function problemOfAnswer(status: number, body: string, key?: string): UpstreamProblem | undefined {
  if (status >= 200 && status < 300) return undefined;
  const said = saidIn(body, key);
  const because = said === "" ? "." : `: ${said}`;
  if (status === 401 || status === 403) {
    return {
      code: "upstream_key_refused",
      message: `The model's endpoint refused the key (HTTP ${status}).`,
      hint: "Remove the model and add it again with a key that works: benchgen model rm NAME, benchgen model add",
    };
  }
  // OpenAI says by the status of a limit that passes what does not: that there is no credit left.
  if (status === 402 || (status === 429 && errorIn(body)?.code === "insufficient_quota")) {
    return {
      code: "upstream_unpaid",
      message: `The model's endpoint wants to be paid (HTTP ${status})${because}`,
      hint: "Give the account behind the key credit.",
    };
  }
  if (status === 429) {
    return {
      code: "upstream_rate_limited",
      message: `The model's endpoint takes no more calls now (HTTP 429)${because}`,
      hint: "Lower --concurrency, or try later.",
    };
  }
  if (status >= 300 && status < 400) {
    return {
      code: "upstream_redirected",
      message: `The model's endpoint answered with a redirect (HTTP ${status}), which is not followed.`,
      hint: "Add the model with the URL it leads to.",
    };
  }
  if (status >= 400 && status < 500 && !passing.has(status)) {
    return {
      code: "upstream_rejected",
      message: `The model's endpoint rejected the call (HTTP ${status})${because}`,
      ...(status === 404
        ? { hint: "Look at the model's base URL, which ends in /v1 mostly, and its id." }
        : {}),
    };
  }
  return { code: "upstream_failed", message: `The model's endpoint failed (HTTP ${status})${because}` };
}

/**
 * Why a success is none: some endpoints answer 200, or begin a stream, and say in it that they failed. An `error` beside
 * an answer counts when it says something.
 */
export function problemInAnswer(answer: object, body: string, key?: string): UpstreamProblem | undefined {
  if (!("error" in answer) || answer.error === null) return undefined;
  if (("choices" in answer || "data" in answer) && messageIn(body) === undefined) return undefined;
  const message = `The model's endpoint answered with an error: ${saidIn(body, key)}`;
  return { code: "upstream_failed", message };
}

/** Whether an endpoint rejected a call for the limit of its answer, or for the limit's name. */
export function isAboutLimit({
  code,
  message,
}: {
  readonly code: string;
  readonly message: string;
}): boolean {
  return code === "upstream_rejected" && /max_(completion_)?tokens/.test(message);
}

/** The longest a program is told to wait, seconds: more is no use to a run. */
const maxRetryAfter = 3600;

/** Seconds to wait, of the header that may hold a date instead; undefined when it makes no sense. Source: RFC 9110 §10.2.3. */
export function retryAfterOf(header: string | undefined, now: Date): string | undefined {
  if (header === undefined) return undefined;
  const isDate = /^\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT$/.test(header);
  if (!isDate && !/^\d{1,9}$/.test(header)) return undefined;
  const seconds = isDate ? Math.ceil((Date.parse(header) - now.getTime()) / 1000) : Number(header);
  return Number.isNaN(seconds) ? undefined : String(Math.min(maxRetryAfter, Math.max(0, seconds)));
}

/** The sentence in an error body: OpenAI's shape, or the beginning of whatever it is. Empty when it says nothing. */
function saidIn(body: string, key: string | undefined): string {
  // Providers quote keys in part: sk-ab***xyz.
  const redacted = redact(messageIn(body) ?? body, key).replace(/\bsk-[\w*.-]+/g, "***");
  const said = redacted.trim().slice(0, maxMessage).toWellFormed();
  // A hint may follow.
  return said === "" || /[.!?…]$/.test(said) ? said : `${said}.`;
}

function messageIn(body: string): string | undefined {
  const said = errorIn(body);
  return typeof said?.message === "string" && said.message !== "" ? said.message : undefined;
}

/** The error in a body: an object, or the message alone. */
function errorIn(body: string): { readonly message?: unknown; readonly code?: unknown } | undefined {
  try {
    const { error } = Object(JSON.parse(body)) as { error?: object | string | null };
    return typeof error === "string" ? { message: error } : (error ?? undefined);
  } catch {
    return undefined;
  }
}
