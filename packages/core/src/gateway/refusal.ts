/** What the gateway says to a program when it has no answer of a model for it: OpenAI's error shape. */
import { BenchgenError } from "../error.ts";
import type { UpstreamFault } from "../ports.ts";
import type { BudgetKind } from "./budget.ts";
import type { UpstreamCode, UpstreamProblem } from "./upstream-answer.ts";

export const refusalCodes = [
  "token_invalid",
  "request_invalid",
  "request_too_large",
  "budget_exhausted",
  "not_supported",
] as const;

/** An answer that is an error. Its code is one of `refusalCodes` or `upstreamCodes`. */
export class GatewayRefusal extends BenchgenError {
  readonly status: number;
  /** Whether the same call may succeed later. OpenAI's clients obey the header made of it. */
  readonly retry: boolean;
  /** As the endpoint said it. */
  readonly retryAfter: string | undefined;

  constructor(
    code: (typeof refusalCodes)[number] | UpstreamCode,
    message: string,
    options: { status: number; retry?: boolean; retryAfter?: string | undefined; hint?: string | undefined },
  ) {
    super(code, message, options.hint === undefined ? {} : { hint: options.hint });
    this.status = options.status;
    this.retry = options.retry ?? false;
    this.retryAfter = options.retryAfter;
  }
}

/** There is no more of the run's budget for a call. */
export function budgetExhausted(by: BudgetKind): GatewayRefusal {
  return new GatewayRefusal("budget_exhausted", `The run's budget of ${by} is used up.`, {
    status: 429,
    hint: "Write what you have, and end.",
  });
}

/** The body of an error as OpenAI's clients read it. */
export function errorBody({ code, message, hint }: Pick<BenchgenError, "code" | "message" | "hint">): object {
  const type = code.startsWith("upstream_") ? "upstream_error" : typeOf(code);
  return { error: { message: hint === undefined ? message : `${message} ${hint}`, type, param: null, code } };
}

function typeOf(code: string): string {
  if (code === "budget_exhausted") return "insufficient_quota";
  return code === "token_invalid" ? "authentication_error" : "invalid_request_error";
}

/**
 * How a program is told of an endpoint's problem. A refused key is the operator's affair, so it is no 401: a client
 * would take its own token for the wrong one.
 */
export function refusalOfProblem(
  problem: UpstreamProblem,
  status: number,
  retryAfter?: string,
): GatewayRefusal {
  const { code, message, hint } = problem;
  const seen = { hint, retryAfter };
  if (code === "upstream_rate_limited")
    return new GatewayRefusal(code, message, { status: 429, retry: true, ...seen });
  if (code === "upstream_rejected") return new GatewayRefusal(code, message, { status, ...seen });
  return new GatewayRefusal(code, message, { status: 502, retry: code === "upstream_failed", ...seen });
}

/** An endpoint that echoes what it was sent would give the key away. */
export function keyInAnswer(): GatewayRefusal {
  return unreadable("The model's endpoint put the key into its answer, which is not passed on.", false);
}

export function unreadable(message: string, retry: boolean): GatewayRefusal {
  return new GatewayRefusal("upstream_unreadable", message, { status: 502, retry });
}

/** How a program is told that an endpoint gave no answer. */
export function refusalOfFault(fault: UpstreamFault, message: string): GatewayRefusal {
  const status = fault === "slow" ? 504 : 502;
  return new GatewayRefusal(`upstream_${fault}`, message, { status, retry: fault !== "refused" });
}
