/** What is wrong with a request, field by field, and what to send instead. */
import { InvalidInput } from "@benchgen/core/error.ts";
import type { Finding } from "@benchgen/core/wire/finding.ts";
import type * as z from "zod";
import { HttpError } from "./problem.ts";

/** What a validator of `@hono/zod-openapi` hands over; `data` is what was validated, also when that failed. */
type Validated = { target: string; data?: unknown } & (
  { success: true } | { success: false; error: { issues: readonly z.core.$ZodIssue[] } }
);

const partNames: Readonly<Record<string, string>> = { json: "body", header: "headers" };

/**
 * Lets valid requests pass.
 * @throws HttpError 404 when a part of the path cannot name anything
 * @throws InvalidInput `request_invalid` with a finding per field otherwise
 */
export function refuseInvalidRequest(result: Validated): void {
  if (result.success) return;
  const findings = result.error.issues.map((issue) => findingOf(issue, result.target, result.data));
  if (result.target === "param") {
    const said = findings.map(({ path, message }) => `${path} ${message}`).join("; ");
    throw new HttpError(404, "not_found", `Nothing can have that address: ${said}.`);
  }
  throw new InvalidInput("request_invalid", summaryOf(findings), { details: { findings } });
}

function summaryOf(findings: readonly Finding[]): string {
  const [first] = findings;
  const more = findings.length > 1 ? ` (and ${findings.length - 1} more)` : "";
  return `The request cannot be used: ${first?.path} ${first?.message}${more}.`;
}

/** One zod issue in plain words. `target` is the part of the request, `data` that part as it came. */
export function findingOf(issue: z.core.$ZodIssue, target: string, data: unknown): Finding {
  const root = target === "param" ? "path" : (partNames[target] ?? target);
  const path = issue.path.reduce<string>(
    (before, key) => (typeof key === "number" ? `${before}[${key}]` : `${before}.${String(key)}`),
    root,
  );
  const missing = issue.path.length > 0 && valueAt(data, issue.path) === undefined;
  const { message, hint } = explain(issue);
  return {
    level: "error",
    code: missing ? "request.missing" : `request.${issue.code}`,
    message: missing ? "is missing" : message,
    path,
    ...(hint === undefined ? {} : { hint }),
  };
}

function valueAt(data: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) =>
      typeof value === "object" && value !== null && Object.hasOwn(value, key)
        ? (value as Record<PropertyKey, unknown>)[key]
        : undefined,
    data,
  );
}

/** What the field must be, and what to send, where that says more. */
function explain(issue: z.core.$ZodIssue): { message: string; hint?: string } {
  if (issue.code === "invalid_type") {
    return { message: `must be ${typeName(issue.expected)}`, hint: `Send ${typeName(issue.expected)}.` };
  }
  if (issue.code === "invalid_value") {
    const values = issue.values.map((value) => JSON.stringify(value));
    const oneOf = values.length > 1 ? "one of " : "";
    return { message: `must be ${oneOf}${values.join(", ")}`, hint: `Send ${values.join(" or ")}.` };
  }
  if (issue.code === "too_small") {
    const bound = issue.inclusive === false ? "more than" : "at least";
    return { message: `must ${measure(issue.origin, `${bound} ${issue.minimum}`)}` };
  }
  if (issue.code === "too_big") {
    const bound = issue.inclusive === false ? "less than" : "at most";
    return { message: `must ${measure(issue.origin, `${bound} ${issue.maximum}`)}` };
  }
  if (issue.code === "unrecognized_keys") {
    const keys = issue.keys.map((key) => JSON.stringify(key)).join(", ");
    return {
      message: `has the unknown field${issue.keys.length > 1 ? "s" : ""} ${keys}`,
      hint: "Leave it out, or check its spelling in /openapi.json.",
    };
  }
  return { message: issue.message };
}

function measure(origin: string, bound: string): string {
  if (origin === "string") return `have ${bound} characters`;
  return origin === "array" ? `have ${bound} items` : `be ${bound}`;
}

function typeName(expected: string): string {
  if (expected === "int") return "a whole number";
  return `${/^[aeio]/.test(expected) ? "an" : "a"} ${expected === "record" ? "object" : expected}`;
}
