import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { clean, cleanDeep, lines, pad, paint, text, truncate } from "./text.ts";

describe("clean", () => {
  it.each([
    ["colours", "\u001b[31mred\u001b[0m", "red"],
    ["cursor moves and erasure", "a\u001b[2J\u001b[1;1Hb", "ab"],
    ["a window title", "\u001b]0;pwned\u0007text", "text"],
    ["a hyperlink", "\u001b]8;;http://evil\u001b\\label\u001b]8;;\u001b\\", "label"],
    ["a device control string", "\u001bP+q544e\u001b\\x", "x"],
    ["8-bit sequences", "\u009b31mred\u009d0;t\u009cx", "redx"],
    ["a reset", "\u001bcx", "x"],
    ["a sequence without an end", "\u001b]0;never ends", "0;never ends"],
    ["a lone escape at the end", "x\u001b", "x"],
    ["bells, backspaces, nulls, deletes", "a\u0007\bb\0c\u007f", "abc"],
    ["direction overrides and isolates", "safe\u202egpj.exe\u2066\u2069\u200f", "safegpj.exe"],
    ["a byte order mark and tag characters", "\ufeffa\u{e0041}b", "ab"],
    ["a lone surrogate", "a\ud800b", "a\ufffdb"],
    ["line breaks and tabs", "a\r\nb\tc\u2028d", "a b c d"],
    ["what is no threat", "Größe 数 👩‍👩‍👧 é", "Größe 数 👩‍👩‍👧 é"],
  ])("handles %s", (_what, given, expected) => {
    expect(clean(given)).toBe(expected);
  });

  it("leaves no control or direction character of any text", () => {
    const hostile = fc.string({
      unit: fc.constantFrom(
        "\u001b",
        "[",
        "]",
        "\u009b",
        "\u0007",
        "P",
        "\\",
        "3",
        "m",
        "\u202e",
        "\n",
        "\r",
        "a",
        "\u0090",
      ),
      maxLength: 60,
    });
    fc.assert(
      fc.property(hostile, (value) => {
        expect(clean(value)).not.toMatch(
          /[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\u2028\u2029]/,
        );
      }),
    );
  });

  it("takes time in proportion to the text, however it is nested", () => {
    const many = "\u001b]".repeat(200_000) + "\u009d".repeat(200_000) + "\u001b[".repeat(200_000);
    expect(clean(many)).not.toContain("\u001b");
  });
});

describe("cleanDeep", () => {
  it("cleans keys and values, and keeps line breaks, tabs, numbers and nulls", () => {
    const given = { "a\u001b[1m": ["x\n\ty\u202e", 1, null, true], __proto__x: "\u0000" };
    expect(cleanDeep(given)).toEqual({ a: ["x\n\ty", 1, null, true], __proto__x: "" });
  });
});

describe("text", () => {
  it("cleans values and keeps its own line breaks and colours", () => {
    const line = text`a\n${"b\nc\u001b[2J"} ${paint.red("d\u001b[0m")} ${1}`;
    expect(line.plain).toBe("a\nb c d 1");
    expect(line.ansi).toContain("\u001b[31md\u001b[39m");
  });

  it("keeps a value from ending the colour it is painted with", () => {
    expect(paint.red("x\u001b[39my").ansi).toBe("\u001b[31mxy\u001b[39m");
  });
});

it("indents every line of a longer text", () => {
  expect(lines("a\r\nb\u0007\nc", 2).plain).toBe("  a\n  b\n  c");
});

describe("on a terminal", () => {
  it("pads by columns, not by characters", () => {
    expect(pad("数", 4).plain).toBe("数  ");
    expect(pad("é", 3, "right").plain).toBe("  é");
    expect(pad(paint.green("ok"), 4).width).toBe(4);
  });

  it("never cuts a wide character in half", () => {
    expect(truncate("数数数", 4).plain).toBe("数…");
    expect(truncate("abc", 3).plain).toBe("abc");
    expect(truncate(paint.bold("abcdef"), 4).plain).toBe("abc…");
  });

  it("never exceeds the width asked for", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "grapheme", maxLength: 30 }),
        fc.integer({ min: 1, max: 20 }),
        (value, width) => {
          expect(truncate(value, width).width).toBeLessThanOrEqual(width);
        },
      ),
    );
  });
});
