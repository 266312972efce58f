/** What a role's policies allow: as much of IAM's evaluation as the stacks use, and an error for anything else. */
import type { Permission } from "./call.ts";

/** A statement of a policy, with all references resolved. */
export interface Statement {
  readonly Sid?: string;
  readonly Effect: "Allow" | "Deny";
  readonly Action: string | readonly string[];
  readonly Resource: string | readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

/** One action on one resource that a statement allows: what "never used" is said of. */
export interface Grant {
  readonly action: string;
  readonly resource: string;
  readonly condition: Statement["Condition"];
}

/** Every pair of action and resource in the statements that allow something. */
export function grantsOf(statements: readonly Statement[]): Grant[] {
  return statements
    .filter(({ Effect }) => Effect === "Allow")
    .flatMap(({ Action, Resource, Condition }) =>
      listOf(Action).flatMap((action) =>
        listOf(Resource).map((resource) => ({ action, resource, condition: Condition })),
      ),
    );
}

/** @throws Error for a condition or an effect nobody has described here yet */
export function isAllowed(permission: Permission, statements: readonly Statement[]): boolean {
  if (statements.some(({ Effect }) => Effect !== "Allow"))
    throw new Error("a statement that denies is new here");
  return grantsOf(statements).some((grant) => covers(grant, permission));
}

/** Whether the grant allows exactly that. */
export function covers(grant: Grant, { action, resource, context = {} }: Permission): boolean {
  return (
    matches(grant.action.toLowerCase(), action.toLowerCase()) &&
    matches(grant.resource, resource) &&
    Object.entries(grant.condition ?? {}).every(([operator, tests]) =>
      Object.entries(tests).every(([key, values]) => testCondition(operator, listOf(values), context[key])),
    )
  );
}

function testCondition(operator: string, values: readonly string[], actual: string | undefined): boolean {
  switch (operator) {
    case "StringEquals":
    case "ArnEquals":
      return actual !== undefined && values.includes(actual);
    case "StringLike":
    case "ArnLike":
      return actual !== undefined && values.some((value) => matches(value, actual));
    // Of a request without the key, IAM says yes; every request to the table has its keys.
    case "ForAllValues:StringLike":
      return actual === undefined || values.some((value) => matches(value, actual));
    default:
      throw new Error(`the condition ${operator} is new here`);
  }
}

/** `*` is any text, `?` any character. */
export function matches(pattern: string, value: string): boolean {
  const source = pattern
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
  return new RegExp(`^${source}$`, "s").test(value);
}

function listOf(value: string | readonly string[]): readonly string[] {
  return typeof value === "string" ? [value] : value;
}
