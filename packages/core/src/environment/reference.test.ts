import { describe, expect, test } from "vitest";
import { parseReference } from "./reference.ts";
import { slugOf } from "./slug.ts";

const id = "env_01jd0c2v5w8x9y0z1a2b3c4d5e";

describe("a reference to an environment", () => {
  test.each([
    ["penguins", { name: "penguins" }],
    ["penguins@2", { name: "penguins", version: 2 }],
    ["lab/penguins", { workspace: "lab", name: "penguins" }],
    ["lab/penguins@10", { workspace: "lab", name: "penguins", version: 10 }],
    [id, { id }],
    [`${id}@3`, { id, version: 3 }],
  ])("%s is understood", (text, expected) => {
    expect(parseReference(text)).toEqual(expected);
  });

  test.each(["", "a/b/c", "penguins@", "penguins@0", "penguins@two", "two words", "@1"])(
    "%j is refused with what to write",
    (text) => {
      expect(() => parseReference(text)).toThrow(
        expect.objectContaining({ code: "reference_invalid", hint: expect.stringContaining("penguins@2") }),
      );
    },
  );
});

test.each([
  ["Iris — Species", "iris-species"],
  ["Évaluation nº 1", "evaluation-no-1"],
  ["x".repeat(100), "x".repeat(64)],
])("the name made from the title %j is %s", (title, slug) => {
  expect(slugOf(title)).toBe(slug);
});

test("titles without a letter that a name may have are different environments", () => {
  const names = ["日本語", "中文", "   "].map(slugOf);
  expect(new Set(names).size).toBe(3);
  for (const name of names) expect(name).toMatch(/^environment-[0-9a-f]{8}$/);
  expect(slugOf("日本語")).toBe(names[0]);
});
