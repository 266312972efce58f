import { createHash } from "node:crypto";
import type { Json } from "../ports.ts";

/** JSON with the members of every object in order of their names: equal values have equal text. */
export function canonicalJson(value: Json): string {
  return JSON.stringify(value, (_name, member: unknown) =>
    typeof member === "object" && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  );
}

/** Lower-case hex; equal for equal values. */
export function hashOf(value: Json): string {
  return createHash("sha256").update(canonicalJson(value)).digest("hex");
}
