import * as fc from "fast-check";
import { expect, it } from "vitest";
import type { Json } from "@benchgen/core/ports.ts";
import { attributeOf, attributesOf, itemOf } from "./attribute.ts";

const json = fc.jsonValue({ maxDepth: 4 }) as fc.Arbitrary<Json>;

it("gives back any JSON as it was, whatever its members are called", () => {
  const name = fc.oneof(fc.string(), fc.constantFrom("__proto__", "__proto__~", "constructor"));
  fc.assert(
    fc.property(fc.array(fc.tuple(name, json)), (members) => {
      const item = { ...Object.fromEntries(members), pk: "a", sk: "b" };
      // JSON has no negative zero.
      expect(itemOf(attributesOf(item))).toEqual(JSON.parse(JSON.stringify(item)));
    }),
  );
});

it("keeps every finite number, also those DynamoDB has no room for", () => {
  const number = fc.double({ noNaN: true, noDefaultInfinity: true });
  fc.assert(
    fc.property(number, (value) => {
      const item = { pk: "a", sk: "b", value };
      expect(itemOf(attributesOf(item))["value"]).toBe(value === 0 ? 0 : value);
    }),
  );
});

it("sends numbers as decimal text, and as bytes past DynamoDB's powers of ten", () => {
  expect(attributeOf(0.1)).toEqual({ N: "0.1" });
  expect(attributeOf(Number.MAX_SAFE_INTEGER)).toEqual({ N: "9007199254740991" });
  expect(attributeOf(1e126)).toEqual({ B: Buffer.from("1e+126") });
  expect(attributeOf(5e-324)).toEqual({ B: Buffer.from("5e-324") });
});
