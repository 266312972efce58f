import { InvalidInput } from "@benchgen/core/error.ts";
import {
  createTokenSchema,
  createUploadSchema,
  forcePublishSchema,
  pageQuerySchema,
} from "@benchgen/core/wire/api.ts";
import type { Finding } from "@benchgen/core/wire/finding.ts";
import { describe, expect, it } from "vitest";
import type * as z from "zod";
import { HttpError } from "./problem.ts";
import { refuseInvalidRequest } from "./request-finding.ts";

/** What the validators do with a part of a request. */
function validate(target: string, schema: z.ZodType, data: unknown): void {
  const result = schema.safeParse(data);
  refuseInvalidRequest({ ...result, data, target });
}

function findingsOf(target: string, schema: z.ZodType, data: unknown): Finding[] {
  try {
    validate(target, schema, data);
  } catch (error) {
    expect(error).toBeInstanceOf(InvalidInput);
    return (error as InvalidInput).details["findings"] as Finding[];
  }
  return [];
}

describe("refuseInvalidRequest", () => {
  it("lets a valid request pass", () => {
    expect(findingsOf("query", pageQuerySchema, { limit: "10" })).toEqual([]);
  });

  it("lists every field that is missing or of the wrong type, and what to send", () => {
    const findings = findingsOf("json", createTokenSchema, { name: 7 });
    expect(findings).toEqual([
      {
        level: "error",
        code: "request.invalid_type",
        path: "body.name",
        message: "must be a string",
        hint: "Send a string.",
      },
      {
        level: "error",
        code: "request.missing",
        path: "body.scope",
        message: "is missing",
        hint: 'Send "read" or "submit" or "author" or "admin".',
      },
    ]);
  });

  it.each([
    [
      "json",
      createTokenSchema,
      { name: "a", scope: "root" },
      "body.scope",
      'must be one of "read", "submit", "author", "admin"',
    ],
    [
      "json",
      forcePublishSchema,
      { despiteFailedSolution: false },
      "body.despiteFailedSolution",
      "must be true",
    ],
    [
      "json",
      createTokenSchema,
      { name: "a", scope: "read", expiresInDays: 0 },
      "body.expiresInDays",
      "must be at least 1",
    ],
    [
      "json",
      createTokenSchema,
      { name: "", scope: "read" },
      "body.name",
      "must be 1 to 64 letters, digits, and _ . @ -",
    ],
    [
      "json",
      createTokenSchema.strict(),
      { name: "a", scope: "read", scopes: 1 },
      "body",
      'has the unknown field "scopes"',
    ],
    ["json", createTokenSchema, [], "body", "must be an object"],
    ["query", pageQuerySchema, { limit: "201" }, "query.limit", "must be at most 200"],
    ["query", pageQuerySchema, { limit: "many" }, "query.limit", "must be a number"],
    ["query", pageQuerySchema, { limit: "1.5" }, "query.limit", "must be a whole number"],
    [
      "query",
      pageQuerySchema,
      { cursor: "x".repeat(5000) },
      "query.cursor",
      "must have at most 4096 characters",
    ],
  ])("says in plain words what is wrong in the %s", (target, schema, data, path, message) => {
    expect(findingsOf(target, schema, data)).toMatchObject([{ path, message }]);
  });

  it("names the first field in the message, and how many more there are", () => {
    expect(() => validate("json", createUploadSchema, {})).toThrow(
      "The request cannot be used: body.kind is missing (and 3 more).",
    );
  });

  it("answers an address that nothing can have as not found", () => {
    const call = (): void => validate("param", pageQuerySchema, { limit: "x" });
    expect(call).toThrow(HttpError);
    expect(call).toThrow("Nothing can have that address: path.limit must be a number.");
  });
});
