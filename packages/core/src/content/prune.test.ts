import { describe, expect, it, test } from "vitest";
import type { Item } from "../ports.ts";
import { blobKey } from "../wire/key.ts";
import { contentNamedBy } from "./named.ts";
import { isUnnamed, unusedSinceOf } from "./prune.ts";
import { useSeconds } from "./use.ts";

const [a, b] = ["a".repeat(64), "b".repeat(64)];
const createdAt = "2026-01-01T00:00:00.000Z";

describe("content is named by", () => {
  it.each([
    ["a submission", { pk: "SUB#1", sk: "SUB", sha256: a }, { hashes: [a] }],
    ["a version", { pk: "ENV#1", sk: "VERSION#00000001", document: a }, { hashes: [a], document: a }],
    [
      "an upload",
      { pk: "UPLOAD#1", sk: "UPLOAD", sha256: a, status: "accepted", createdAt },
      { hashes: [a] },
    ],
    [
      "an upload under check, which may become a version of other content",
      { pk: "UPLOAD#1", sk: "UPLOAD", sha256: a, status: "checking", createdAt },
      { hashes: [a], unsettledSince: createdAt },
    ],
  ])("%s", (_what, item, named) => expect(contentNamedBy(item)).toEqual(named));

  it.each<Item>([
    { pk: "RUN#1", sk: "RUN", sha256: a },
    { pk: "SUB#1", sk: "SUBWAY", sha256: a },
    { pk: "ENV#1", sk: "CONTENT#x", document: a },
    { pk: "SUB#1", sk: "SUB" },
  ])("no other item: $sk", (item) => expect(contentNamedBy(item)).toEqual({ hashes: [] }));
});

test("content is deleted that is old enough and named by nothing", () => {
  const named = { hashes: new Set([a]) };
  const old = "2025-12-31T23:59:59.999Z";
  expect(isUnnamed(named, { key: blobKey.content(b), modifiedAt: old }, createdAt)).toBe(true);
  expect(isUnnamed(named, { key: blobKey.content(a), modifiedAt: old }, createdAt)).toBe(false);
  expect(isUnnamed(named, { key: blobKey.content(b), modifiedAt: createdAt }, createdAt)).toBe(false);
});

test("nobody may have relied on it for as long as an upload lives, nor since the oldest one under check", () => {
  const begun = new Date("2026-02-01T00:00:00.500Z");
  const usual = Date.parse("2026-02-01T00:00:00Z") / 1000 - useSeconds;
  expect(unusedSinceOf({}, begun)).toBe(usual);
  expect(unusedSinceOf({ unsettledSince: "2026-01-31T00:00:00.000Z" }, begun)).toBe(usual);
  expect(unusedSinceOf({ unsettledSince: createdAt }, begun)).toBe(Date.parse(createdAt) / 1000);
});
