import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import type { Item, Json } from "@benchgen/core/ports.ts";

export type Attributes = Record<string, AttributeValue>;

// DynamoDB's numbers have 38 digits, enough for every double, but fewer powers of ten than doubles have.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html
const leastMagnitude = 1e-130;
const mostMagnitude = 9.99e125;

/** An item as DynamoDB takes it. */
export function attributesOf(item: { readonly [name: string]: Json }): Attributes {
  return Object.fromEntries(Object.entries(item).map(([name, value]) => [escaped(name), attributeOf(value)]));
}

export function attributeOf(value: Json): AttributeValue {
  if (value === null) return { NULL: true };
  if (typeof value === "string") return { S: value };
  if (typeof value === "boolean") return { BOOL: value };
  if (typeof value === "number") return numberAttribute(value);
  if (Array.isArray(value)) return { L: value.map((element: Json) => attributeOf(element)) };
  return { M: attributesOf(value as { readonly [name: string]: Json }) };
}

/** Numbers DynamoDB has no room for are kept as bytes, which JSON has no other use for. */
function numberAttribute(value: number): AttributeValue {
  const magnitude = Math.abs(value);
  if (value === 0 || (magnitude >= leastMagnitude && magnitude <= mostMagnitude)) return { N: String(value) };
  return { B: Buffer.from(String(value)) };
}

/** The item DynamoDB gave. */
export function itemOf(attributes: Attributes): Item {
  return mapOf(attributes) as Item;
}

function mapOf(attributes: Attributes): { readonly [name: string]: Json } {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => [unescaped(name), jsonOf(value)]),
  );
}

function jsonOf(attribute: AttributeValue): Json {
  if (attribute.S !== undefined) return attribute.S;
  if (attribute.N !== undefined) return Number(attribute.N);
  if (attribute.BOOL !== undefined) return attribute.BOOL;
  if (attribute.L !== undefined) return attribute.L.map(jsonOf);
  if (attribute.M !== undefined) return mapOf(attribute.M);
  if (attribute.B !== undefined) return Number(Buffer.from(attribute.B).toString());
  return null;
}

/** The SDK assigns what it reads to plain objects, where `__proto__` is no ordinary member. */
export function escaped(name: string): string {
  return name.startsWith("__proto__") ? `${name}~` : name;
}

function unescaped(name: string): string {
  return name.startsWith("__proto__") ? name.slice(0, -1) : name;
}
