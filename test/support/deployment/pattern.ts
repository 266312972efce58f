/** Whether an event matches a rule's pattern: as much of EventBridge's language as the stacks use. */
import type { Json } from "@benchgen/core/ports.ts";

type Fields = { readonly [name: string]: Json };

/**
 * Source: https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
 * @throws Error for an operator nobody has described here yet
 */
export function matchesPattern(pattern: Fields, event: Fields): boolean {
  return Object.entries(pattern).every(([name, wanted]) => {
    const value = event[name];
    if (Array.isArray(wanted)) return wanted.some((each: Json) => matchesValue(each, value));
    return isFields(wanted) && isFields(value) && matchesPattern(wanted, value);
  });
}

function matchesValue(wanted: Json, value: Json | undefined): boolean {
  // A list in an event matches when any of its members does.
  if (Array.isArray(value)) return value.some((each: Json) => matchesValue(wanted, each));
  if (!isFields(wanted)) return wanted === value;
  const [[operator, operand] = ["", null]] = Object.entries(wanted);
  switch (operator) {
    case "prefix":
      return typeof value === "string" && value.startsWith(operand as string);
    case "suffix":
      return typeof value === "string" && value.endsWith(operand as string);
    case "exists":
      return operand === (value !== undefined);
    case "anything-but":
      return value !== undefined && !(Array.isArray(operand) ? operand : [operand]).includes(value);
    default:
      throw new Error(`the operator ${operator} of event patterns is new here`);
  }
}

function isFields(value: Json | undefined): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
