import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import type { Condition, Json, WriteOperation } from "@benchgen/core/ports.ts";
import { attributeOf, escaped } from "./attribute.ts";

/** DynamoDB's limit on the operands of IN. */
const maxOperands = 100;

/**
 * Collects what an expression refers to. Every name and value becomes a placeholder: attributes may be called like
 * reserved words, and have dots in their names.
 */
export class Placeholders {
  readonly #names = new Map<string, string>();
  readonly #values: Record<string, AttributeValue> = {};

  name(attribute: string): string {
    const known = this.#names.get(attribute);
    if (known !== undefined) return known;
    const placeholder = `#n${this.#names.size}`;
    this.#names.set(attribute, placeholder);
    return placeholder;
  }

  value(value: Json): string {
    const placeholder = `:v${Object.keys(this.#values).length}`;
    this.#values[placeholder] = attributeOf(value);
    return placeholder;
  }

  /** The members of a request that say what the placeholders stand for; DynamoDB refuses empty ones. */
  get members(): {
    ExpressionAttributeNames?: Record<string, string>;
    ExpressionAttributeValues?: Record<string, AttributeValue>;
  } {
    const names = Object.fromEntries(
      [...this.#names].map(([attribute, placeholder]) => [placeholder, escaped(attribute)]),
    );
    return {
      ...(this.#names.size === 0 ? {} : { ExpressionAttributeNames: names }),
      ...(Object.keys(this.#values).length === 0 ? {} : { ExpressionAttributeValues: this.#values }),
    };
  }
}

/** All conditions as one expression; undefined when there are none. */
export function conditionExpression(
  conditions: readonly Condition[],
  placeholders: Placeholders,
): string | undefined {
  if (conditions.length === 0) return undefined;
  return conditions.map((condition) => `(${clause(condition, placeholders)})`).join(" AND ");
}

function clause(condition: Condition, placeholders: Placeholders): string {
  switch (condition.kind) {
    case "absent":
      return `attribute_not_exists(${placeholders.name("pk")})`;
    case "missing":
      return `attribute_not_exists(${placeholders.name(condition.attribute)})`;
    case "equals":
      return `${placeholders.name(condition.attribute)} = ${placeholders.value(condition.value)}`;
    case "below": {
      const name = placeholders.name(condition.attribute);
      return `attribute_not_exists(${name}) OR ${name} < ${placeholders.value(condition.value)}`;
    }
    case "oneOf":
      return oneOf(condition.attribute, condition.values, placeholders);
    case "exists":
    default:
      return `attribute_exists(${placeholders.name("pk")})`;
  }
}

function oneOf(attribute: string, values: readonly (string | number)[], placeholders: Placeholders): string {
  const name = placeholders.name(attribute);
  // One of none never holds, and DynamoDB has no expression for "never".
  if (values.length === 0) return `attribute_exists(${name}) AND attribute_not_exists(${name})`;
  const groups = Array.from({ length: Math.ceil(values.length / maxOperands) }, (_, index) =>
    values.slice(index * maxOperands, (index + 1) * maxOperands),
  );
  return groups
    .map((group) => `${name} IN (${group.map((value) => placeholders.value(value)).join(", ")})`)
    .join(" OR ");
}

/** Removed by updates that change nothing: a transaction wants an expression, and the item is created all the same. */
const unusedAttribute = "benchgen:unused";

/** What an update changes, as one expression. */
export function updateExpression(
  { set = {}, add = {}, remove = [] }: Pick<WriteOperation & { kind: "update" }, "set" | "add" | "remove">,
  placeholders: Placeholders,
): string {
  const clauses = [
    [
      "SET",
      Object.entries(set).map(([name, value]) => `${placeholders.name(name)} = ${placeholders.value(value)}`),
    ],
    [
      "ADD",
      Object.entries(add).map(([name, value]) => `${placeholders.name(name)} ${placeholders.value(value)}`),
    ],
    ["REMOVE", remove.map((name) => placeholders.name(name))],
  ] as const;
  const written = clauses.filter(([, parts]) => parts.length > 0);
  if (written.length === 0) return `REMOVE ${placeholders.name(unusedAttribute)}`;
  return written.map(([keyword, parts]) => `${keyword} ${parts.join(", ")}`).join(" ");
}
