import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { composesAny } from "./key-template.ts";

describe("a key is put together", () => {
  test.each([
    ['scores[f"{split}_f1"] = f1', "test_f1"],
    ["scores['{}_f1'.format(split)] = f1", "test_f1"],
    ['scores["%s_f1" % split] = f1', "test_f1"],
    ["scores[`${split}_f1`] = f1", "test_f1"],
    ['scores[f"{split}_{name}"] = value', "test_f1"],
    ['scores[f"f1_{split}_{size}x"] = value', "f1_test_10x"],
  ])("by %s into %s", (text, key) => {
    expect(composesAny(text, [key])).toBe(true);
  });
});

describe("a key is not put together", () => {
  test.each([
    ['print(f"{score}")', "test_f1"],
    ['print(f"{name}: {score}")', "test_f1"],
    ['open(f"{directory}/scores.json")', "test_f1"],
    ['scores[f"{split}_f2"] = f2', "test_f1"],
    ['scores[f"{split}_f1"] = f1', "_f1"],
    ['scores["f1"] = f1', "test_f1"],
  ])("by %s into %s", (text, key) => {
    expect(composesAny(text, [key])).toBe(false);
  });
});

test("whatever fills the placeholders, the key that results is recognised", () => {
  const word = fc.stringMatching(/^[a-z]{1,8}$/);
  fc.assert(
    fc.property(fc.array(word, { minLength: 2, maxLength: 5 }), word, (literals, filled) => {
      expect(composesAny(`f"${literals.join("{x}")}"`, [literals.join(filled)])).toBe(true);
    }),
  );
});
