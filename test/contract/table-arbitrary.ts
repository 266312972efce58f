import * as fc from "fast-check";
import type { Condition, Item, Key, Query, WriteOperation } from "@benchgen/core/ports.ts";

// Few keys, so that operations meet; from every length of UTF-8, so that UTF-16 order would show.
const partitions = ["a", "b"];
const sortKeys = ["1", "10", "1\u00ff", "1\uffee", "1\u{1f600}", "2", "~"];
const indexKeys = ["x", "x\uffee", "x\u{1f600}", "y"];

const status = fc.constantFrom("queued", "running", "done");
const count = fc.integer({ min: -3, max: 3 });
const indexed = {
  gsi1pk: fc.constantFrom("g", "h"),
  gsi1sk: fc.constantFrom(...indexKeys),
  gsi2pk: fc.constant("g"),
  gsi2sk: fc.constantFrom(...indexKeys),
};

const condition: fc.Arbitrary<Condition> = fc.oneof(
  fc.constantFrom<Condition>({ kind: "exists" }, { kind: "absent" }),
  status.map((value): Condition => ({ kind: "equals", attribute: "status", value })),
  fc.array(status).map((values): Condition => ({ kind: "oneOf", attribute: "status", values })),
  count.map((value): Condition => ({ kind: "below", attribute: "count", value })),
  fc
    .constantFrom("status", "count", "gsi1pk")
    .map((attribute): Condition => ({ kind: "missing", attribute })),
);
// Mostly none: otherwise hardly any write of several operations would go through.
const conditions = fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, fc.array(condition, { maxLength: 2 }));

function operation(key: Key): fc.Arbitrary<WriteOperation> {
  const put = fc.record({
    kind: fc.constant("put"),
    item: fc
      .record({ status, count, ...indexed }, { requiredKeys: [] })
      .map((attributes): Item => ({ ...key, ...attributes })),
    conditions,
  });
  const update = fc.record({
    kind: fc.constant("update"),
    key: fc.constant(key),
    set: fc.record({ status, gsi1pk: indexed.gsi1pk, gsi1sk: indexed.gsi1sk }, { requiredKeys: [] }),
    add: fc.record({ count }, { requiredKeys: [] }),
    remove: fc.subarray(["gsi2sk"]),
    conditions,
  });
  const erase = fc.record({ kind: fc.constant("delete"), key: fc.constant(key), conditions });
  const check = fc.record({
    kind: fc.constant("check"),
    key: fc.constant(key),
    conditions: fc.array(condition, { minLength: 1, maxLength: 2 }),
  });
  return fc.oneof(
    { weight: 4, arbitrary: put },
    { weight: 3, arbitrary: update },
    { weight: 1, arbitrary: erase },
    { weight: 1, arbitrary: check },
  );
}

const keys = partitions.flatMap((pk) => sortKeys.map((sk) => ({ pk, sk })));

/** A few writes of a few operations each, on different keys within one write. */
export const writes = fc.array(
  fc
    .shuffledSubarray(keys, { minLength: 1, maxLength: 5 })
    .chain((chosen) => fc.tuple(...chosen.map((key) => operation(key)))),
  { minLength: 1, maxLength: 12 },
);

const bound = fc.constantFrom("", "1", "10", "1\uffee", "1\u{1f600}", "2", "x", "x\uffee", "y");

/** Any query over what `writes` leaves, without a cursor. */
export const query: fc.Arbitrary<Query> = fc.record(
  {
    index: fc.constantFrom("gsi1" as const, "gsi2" as const),
    pk: fc.constantFrom("a", "b", "g", "h"),
    range: fc.oneof(
      fc.record({ prefix: bound }),
      fc.record({ from: bound, before: bound }, { requiredKeys: [] }),
    ),
    reverse: fc.boolean(),
    limit: fc.integer({ min: 1, max: 4 }),
  },
  { requiredKeys: ["pk"] },
);

/** The same operation with its partition (and index partitions) moved elsewhere, so that runs do not meet. */
export function inPartition(prefix: string, operation: WriteOperation): WriteOperation {
  if (operation.kind === "put") return { ...operation, item: moved(prefix, operation.item) };
  const key = moved(prefix, operation.key);
  if (operation.kind !== "update" || operation.set === undefined) return { ...operation, key };
  return { ...operation, key, set: moved(prefix, operation.set) };
}

function moved<T extends object>(prefix: string, attributes: T): T {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => [
      name,
      ["pk", "gsi1pk", "gsi2pk"].includes(name) ? `${prefix}${value}` : value,
    ]),
  ) as T;
}
