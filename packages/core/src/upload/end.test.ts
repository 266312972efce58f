import { expect, test } from "vitest";
import type { Finding } from "../wire/finding.ts";
import { keptFindings } from "./end.ts";

const finding = (message: string): Finding => ({ level: "warning", code: "schema.unknown_key", message });

test("keeps the first three hundred findings of an upload", () => {
  const all = Array.from({ length: 1000 }, (_, number) => finding(`number ${number}`));
  expect(keptFindings(all)).toEqual(all.slice(0, 300));
});

test("keeps no more findings than an item of the table has room for", () => {
  const kept = keptFindings(Array.from({ length: 300 }, () => finding("é".repeat(1000))));
  expect(kept.length).toBeGreaterThan(50);
  expect(Buffer.byteLength(JSON.stringify(kept))).toBeLessThan(210 * 1024);
});
