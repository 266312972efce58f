/** Errors as RFC 9457 problems: the only place where an error becomes an HTTP status. */
import { STATUS_CODES } from "node:http";
import {
  BenchgenError,
  Conflict,
  Forbidden,
  InvalidInput,
  LimitReached,
  NotFound,
  PlatformFault,
  Unauthenticated,
} from "@benchgen/core/error.ts";
import { filesDeleted, runOfMissingFile } from "@benchgen/core/run/missing-file.ts";
import type { Problem } from "@benchgen/core/wire/api.ts";
import type { Finding } from "@benchgen/core/wire/finding.ts";
import { HTTPException } from "hono/http-exception";

/** An error of HTTP itself, which the domain has no word for: a wrong method, a body that is too large. */
export class HttpError extends BenchgenError {
  override readonly name = "HttpError";
  readonly status: number;
  constructor(status: number, code: string, message: string, hint?: string) {
    super(code, message, hint === undefined ? {} : { hint });
    this.status = status;
  }
}

const statuses = [
  [InvalidInput, 400],
  [Unauthenticated, 401],
  [Forbidden, 403],
  [NotFound, 404],
  [Conflict, 409],
  [LimitReached, 429],
  [PlatformFault, 503],
] as const;

function statusOf(error: BenchgenError): number {
  if (error instanceof HttpError) return error.status;
  if (findingsOf(error).length > 0) return 422;
  return statuses.find(([type]) => error instanceof type)?.[1] ?? 500;
}

function findingsOf(error: BenchgenError): readonly Finding[] {
  const { findings } = error.details;
  return error instanceof InvalidInput && Array.isArray(findings) ? (findings as Finding[]) : [];
}

/**
 * The problem to answer with. What was not thrown on purpose says nothing about itself but `errorId`, by which the
 * server's log knows it.
 */
export function problemOf(thrown: unknown, errorId: string): Problem {
  const error = understood(thrown);
  const status = error instanceof BenchgenError ? statusOf(error) : 500;
  const head = { type: "about:blank", title: STATUS_CODES[status] ?? "Error", status };
  const isOurs = status === 500 || status === 503;
  const instance = isOurs ? { instance: `urn:uuid:${errorId}` } : {};
  if (!(error instanceof BenchgenError) || status === 500) {
    return {
      ...head,
      code: "internal_error",
      detail: "Something went wrong in the server; the request was fine as far as we know.",
      hint: `Try again; if it stays, give the operator this id: ${errorId}`,
      ...instance,
    };
  }
  const findings = findingsOf(error);
  return {
    ...head,
    code: error.code,
    detail: error.message,
    ...(error.hint === undefined ? {} : { hint: error.hint }),
    ...(findings.length > 0 ? { findings: [...findings] } : {}),
    ...instance,
  };
}

function understood(thrown: unknown): unknown {
  if (thrown instanceof HTTPException) return fromHono(thrown);
  const runId = thrown instanceof NotFound ? runOfMissingFile(thrown) : undefined;
  return runId === undefined ? thrown : filesDeleted(runId);
}

/** The two refusals of Hono's own validators, in our words. */
function fromHono(exception: HTTPException): BenchgenError {
  if (exception.status === 415) {
    return new HttpError(
      415,
      "unsupported_media_type",
      "The body is not declared as JSON.",
      "Send it with the header Content-Type: application/json",
    );
  }
  if (exception.status === 400) {
    return new InvalidInput("malformed_json", "The body is not valid JSON.", {
      hint: "Send one JSON object, encoded as UTF-8.",
    });
  }
  return new HttpError(exception.status, "request_refused", STATUS_CODES[exception.status] ?? "Refused.");
}

/** When what the platform could not do may work, where nothing says better. Seconds. */
const retryPlatformSeconds = 5;

/** A problem as a response. `thrown` says when to try again (RFC 9110, Retry-After), where it can be said. */
export function problemResponse(problem: Problem, thrown?: unknown): Response {
  const headers = new Headers({ "content-type": "application/problem+json" });
  if (problem.status === 401) headers.set("www-authenticate", 'Bearer realm="benchgen"');
  const seconds = retryAfter(problem, thrown);
  if (seconds !== undefined) headers.set("retry-after", String(Math.ceil(seconds)));
  return new Response(JSON.stringify(problem), { status: problem.status, headers });
}

function retryAfter({ status }: Problem, thrown: unknown): number | undefined {
  const said = thrown instanceof BenchgenError ? thrown.details["retryAfterSeconds"] : undefined;
  if (typeof said === "number") return said;
  return status === 503 ? retryPlatformSeconds : undefined;
}
