import {
  Conflict,
  Forbidden,
  InvalidInput,
  LimitReached,
  NotFound,
  PlatformFault,
  Unauthenticated,
} from "@benchgen/core/error.ts";
import { problemSchema } from "@benchgen/core/wire/api.ts";
import { HTTPException } from "hono/http-exception";
import { describe, expect, it } from "vitest";
import { HttpError, problemOf, problemResponse } from "./problem.ts";

const id = "6f1f7a0e-6a6e-4a0e-9f0e-1f2f3f4f5f6f";
const finding = {
  level: "error",
  code: "bundle.file_missing",
  message: "There is no file score.py",
} as const;

describe("problemOf", () => {
  it.each([
    [new InvalidInput("cursor_invalid", "Not a cursor."), 400, "Bad Request"],
    [
      new InvalidInput("bundle_invalid", "No.", { details: { findings: [finding] } }),
      422,
      "Unprocessable Entity",
    ],
    [new Unauthenticated("token_invalid", "No."), 401, "Unauthorized"],
    [new Forbidden("scope_missing", "No."), 403, "Forbidden"],
    [new NotFound("run", "run_x"), 404, "Not Found"],
    [new Conflict("phase_closed", "No."), 409, "Conflict"],
    [new LimitReached("limit_reached", "No."), 429, "Too Many Requests"],
    [new PlatformFault("throttled", "Try later."), 503, "Service Unavailable"],
    [new HttpError(413, "body_too_large", "No."), 413, "Payload Too Large"],
  ])("maps %s to its status, keeping code and message", (error, status, title) => {
    const problem = problemSchema.parse(problemOf(error, id));
    expect(problem).toMatchObject({
      type: "about:blank",
      status,
      title,
      code: error.code,
      detail: error.message,
    });
  });

  it("lists the findings of what was invalid", () => {
    const error = new InvalidInput("bundle_invalid", "No.", { details: { findings: [finding] } });
    expect(problemOf(error, id).findings).toEqual([finding]);
  });

  it("passes the hint on, and leaves it out where there is none", () => {
    expect(problemOf(new Conflict("phase_closed", "No.", { hint: "Wait." }), id).hint).toBe("Wait.");
    expect(problemOf(new Conflict("phase_closed", "No."), id)).not.toHaveProperty("hint");
  });

  it.each([
    new Error("the secret is hunter2"),
    new TypeError("x of undefined"),
    "hunter2",
    undefined,
    { secret: 1 },
  ])("says nothing of an unexpected error but the id it is logged under (%s)", (thrown) => {
    const problem = problemOf(thrown, id);
    expect(problem).toMatchObject({ status: 500, code: "internal_error", instance: `urn:uuid:${id}` });
    expect(JSON.stringify(problem)).not.toContain("hunter2");
  });

  it("does not show details that are no findings", () => {
    const error = new InvalidInput("input_invalid", "No.", { details: { path: "/var/lib/secret" } });
    expect(JSON.stringify(problemOf(error, id))).not.toContain("secret");
  });

  it.each([
    [400, "malformed_json"],
    [415, "unsupported_media_type"],
    [418, "request_refused"],
  ] as const)("puts Hono's own %d in our words", (status, code) => {
    expect(problemOf(new HTTPException(status), id)).toMatchObject({ status, code });
  });
});

describe("problemResponse", () => {
  it("says when to try again, where that is known", () => {
    const after = (error: Error) => problemResponse(problemOf(error, id), error).headers.get("retry-after");
    const tomorrow = { details: { retryAfterSeconds: 59.2 } };
    expect(after(new LimitReached("limit_day", "Used up.", tomorrow))).toBe("60");
    expect(after(new LimitReached("limit_total", "Used up."))).toBeNull();
    expect(after(new PlatformFault("aws_failed", "Throttled."))).toBe("5");
    expect(after(new Error("a bug"))).toBeNull();
  });

  it("is problem+json, and asks for a bearer token with a 401", async () => {
    const response = problemResponse(problemOf(new Unauthenticated("token_missing", "No."), id));
    expect(response.status).toBe(401);
    expect(response.headers.get("content-type")).toBe("application/problem+json");
    expect(response.headers.get("www-authenticate")).toBe('Bearer realm="benchgen"');
    expect(problemSchema.parse(await response.json()).code).toBe("token_missing");
  });
});
