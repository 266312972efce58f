import { InvalidInput } from "../error.ts";
import type { Item, Key } from "../ports.ts";

// DynamoDB's limits, enforced everywhere so that nothing works on one machine and fails in the cloud:
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
const maxItemBytes = 400 * 1024;
const maxTransactionBytes = 4 * 1024 * 1024;
const maxPartitionKeyBytes = 2048;
const maxSortKeyBytes = 1024;
const maxDepth = 32;

/** The two keys an index is ordered by, as attributes of an item. */
export const indexAttributes = {
  gsi1: { pk: "gsi1pk", sk: "gsi1sk" },
  gsi2: { pk: "gsi2pk", sk: "gsi2sk" },
} as const;

/** @throws InvalidInput `key_invalid` */
export function assertKey(key: Key): void {
  assertKeyText("pk", key.pk, maxPartitionKeyBytes);
  assertKeyText("sk", key.sk, maxSortKeyBytes);
}

function assertKeyText(attribute: string, text: unknown, maxBytes: number): void {
  // A lone surrogate has no UTF-8 form: two different keys would become one.
  if (typeof text !== "string" || text === "" || !text.isWellFormed() || Buffer.byteLength(text) > maxBytes) {
    throw new InvalidInput("key_invalid", `${attribute} must be text of 1 to ${maxBytes} bytes.`, {
      details: { attribute },
    });
  }
}

/**
 * The item as it is stored.
 * @throws InvalidInput `key_invalid`, `item_invalid` (not JSON), `item_too_large`
 */
export function serializeItem(item: Item): { body: string; bytes: number } {
  assertKey(item);
  for (const [name, value] of Object.entries(item)) assertAttribute(name, value);
  const body = JSON.stringify(item);
  const bytes = Buffer.byteLength(body);
  if (bytes > maxItemBytes) throw itemTooLarge(item, bytes);
  return { body, bytes };
}

/** @param bytes where they are known */
export function itemTooLarge({ pk, sk }: Key, bytes?: number): InvalidInput {
  const size = bytes === undefined ? "too many" : String(bytes);
  return new InvalidInput(
    "item_too_large",
    `Item "${pk}" / "${sk}" has ${size} bytes; at most ${maxItemBytes} are possible.`,
  );
}

/**
 * @param total bytes of all items one write leaves
 * @throws InvalidInput `write_too_large`
 */
export function assertTransactionBytes(total: number): void {
  if (total <= maxTransactionBytes) return;
  throw new InvalidInput(
    "write_too_large",
    `The items of one write have ${total} bytes together; at most ${maxTransactionBytes} are possible.`,
  );
}

/** @throws InvalidInput `item_invalid` (not JSON), `key_invalid` (a key of an index) */
export function assertAttribute(name: string, value: unknown): void {
  for (const { pk, sk } of Object.values(indexAttributes)) {
    if (name === pk && value !== undefined) assertKeyText(pk, value, maxPartitionKeyBytes);
    if (name === sk && value !== undefined) assertKeyText(sk, value, maxSortKeyBytes);
  }
  assertJson(value, name, 1);
}

function assertJson(value: unknown, path: string, depth: number): void {
  if (value === null || typeof value === "string" || typeof value === "boolean") return;
  if (typeof value === "number" && Number.isFinite(value)) return;
  if (typeof value === "object" && depth <= maxDepth) {
    if (Array.isArray(value)) {
      for (const [index, element] of value.entries()) assertJson(element, `${path}[${index}]`, depth + 1);
      return;
    }
    if (isPlainObject(value)) {
      for (const [name, member] of Object.entries(value)) {
        assertJson(member, `${path}.${name}`, depth + 1);
      }
      return;
    }
  }
  throw new InvalidInput(
    "item_invalid",
    `Attribute "${path}" is no JSON value the table can hold (${describe(value)}).`,
    { details: { attribute: path } },
  );
}

function isPlainObject(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function describe(value: unknown): string {
  if (typeof value === "object" && value !== null) return `nested too deep, or a ${value.constructor?.name}`;
  return typeof value === "number" ? String(value) : typeof value;
}
