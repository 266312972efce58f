import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { maxJsonBytes, maxTextBytes, parseScores, type ScoredColumn } from "./parse.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const columns = (...keys: string[]): ScoredColumn[] => keys.map((key) => ({ key }));
const json = (text: string, ...keys: string[]) => parseScores({ json: bytes(text) }, columns(...keys));
const txt = (text: string, ...keys: string[]) => parseScores({ txt: bytes(text) }, columns(...keys));
const code = (parsed: ReturnType<typeof json>, key: string) =>
  parsed.status === "scored" ? parsed.unscored[key]?.code : undefined;

describe("scores.json", () => {
  test("holds a number per column, at full precision", () => {
    expect(
      json('{"accuracy": 0.1234567890123456, "n": 12, "loss": -1.5e-7}', "accuracy", "n", "loss"),
    ).toEqual({
      status: "scored",
      scores: { accuracy: 0.1234567890123456, n: 12, loss: -1.5e-7 },
      unscored: {},
    });
  });

  test("may begin with a byte order mark", () => {
    expect(json('\u{FEFF}{"a": 1}', "a")).toMatchObject({ scores: { a: 1 } });
  });

  test("counts booleans as 1 and 0", () => {
    expect(json('{"a": true, "b": false}', "a", "b")).toMatchObject({ scores: { a: 1, b: 0 }, unscored: {} });
  });

  test.each([
    ["0.5", 0.5],
    [" 0.5\n", 0.5],
    ["+3", 3],
    ["-.5", -0.5],
    ["1.", 1],
    ["1e-3", 0.001],
    ["007", 7],
  ])("counts the string %j as the number %d", (text, value) => {
    expect(json(JSON.stringify({ a: text }), "a")).toMatchObject({ scores: { a: value } });
  });

  test.each([
    "",
    " ",
    "0x10",
    "0b1",
    "1_000",
    "1,5",
    "95%",
    "1 2",
    "one",
    "1e",
    "e5",
    ".",
    "true",
    "9".repeat(65),
  ])("does not count the string %j as a number", (text) => {
    expect(code(json(JSON.stringify({ a: text, b: 1 }), "a", "b"), "a")).toBe("not_a_number");
  });

  test("ignores unknown keys whatever their type", () => {
    const text =
      '{"a": 1, "report": {"a": [null]}, "rows": [1, "x"], "when": "today", "bad": NaN, "none": null}';
    expect(json(text, "a")).toEqual({ status: "scored", scores: { a: 1 }, unscored: {} });
  });

  test("leaves only the column unscored that holds Python's bare NaN or Infinity", () => {
    const parsed = json(
      '{"a": NaN, "b": Infinity, "c": -Infinity, "d": 0.5, "e": "NaN \\" NaN"}',
      "a",
      "b",
      "c",
      "d",
      "e",
    );
    expect(parsed).toMatchObject({ scores: { d: 0.5 } });
    expect(["a", "b", "c"].map((key) => code(parsed, key))).toEqual([
      "not_finite",
      "not_finite",
      "not_finite",
    ]);
    expect(parsed).toMatchObject({ unscored: { e: { message: expect.stringContaining('NaN \\" NaN') } } });
  });

  test("reads bare NaN beside any other content as if it were quoted", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.oneof(fc.string(), fc.double({ noNaN: true }))), (others) => {
        const text = `{"bad": NaN, "others": ${JSON.stringify(others)}, "good": 1}`;
        expect(json(text, "good", "bad")).toMatchObject({ scores: { good: 1 }, unscored: { bad: {} } });
      }),
    );
  });

  test.each(["1e400", '"1e400"', '"-inf"', '"nan"'])("leaves a column unscored that holds %s", (value) => {
    expect(code(json(`{"a": ${value}}`, "a"), "a")).toBe("not_finite");
  });

  test.each([
    ["null", "null"],
    ["[1]", "a list"],
    ['{"value": 1}', "an object"],
    ['"good"', 'the text "good"'],
  ])("leaves a column unscored that holds %s, and says so", (value, said) => {
    expect(json(`{"a": ${value}}`, "a")).toMatchObject({
      scores: {},
      unscored: { a: { code: "not_a_number", message: `scores.json holds ${said}, which is not a number.` } },
    });
  });

  test("says which keys there are when a column is missing", () => {
    expect(json('{"acc": 1}', "accuracy")).toMatchObject({
      scores: {},
      unscored: { accuracy: { code: "missing", message: 'scores.json has no "accuracy": it has "acc".' } },
    });
  });

  test("stores minus zero as zero", () => {
    const parsed = json('{"a": -0.0}', "a");
    expect(parsed.status === "scored" && Object.is(parsed.scores.a, 0)).toBe(true);
  });

  test("lets the last of two equal keys count", () => {
    expect(json('{"a": 1, "a": 2}', "a")).toMatchObject({ scores: { a: 2 } });
  });

  test("treats the names of object properties like any other key", () => {
    const keys = ["__proto__", "constructor", "toString"];
    expect(json("{}", ...keys)).toMatchObject({ scores: {} });
    expect(Object.keys((json("{}", ...keys) as { unscored: object }).unscored)).toEqual(keys);
    const parsed = json('{"__proto__": 1, "constructor": 2}', ...keys);
    expect(parsed.status === "scored" && Object.entries(parsed.scores)).toEqual([
      ["__proto__", 1],
      ["constructor", 2],
    ]);
  });

  test("does not read computed columns", () => {
    const parsed = parseScores({ json: bytes('{"a": 1, "mean": 9}') }, [
      { key: "a" },
      { key: "mean", computation: "avg" },
    ]);
    expect(parsed).toEqual({ status: "scored", scores: { a: 1 }, unscored: {} });
  });

  test.each([
    ["nothing", ""],
    ["a torn object", "{"],
    ["a list", "[1]"],
    ["null", "null"],
    ["a number alone", "0.5"],
    ["something after the object", '{"a": 1} x'],
    ["a word that begins like NaN", '{"a": NaNN}'],
    ["an open string", '{"a": "'],
    ["NaN alone", "NaN"],
    ["nothing but brackets", "[".repeat(200_000)],
  ])("that holds %s is unreadable, with a reason", (_, text) => {
    expect(json(text, "a")).toMatchObject({ status: "unreadable", reason: { code: "scores_unreadable" } });
  });

  test("that is not UTF-8 is unreadable", () => {
    expect(parseScores({ json: new Uint8Array([0x7b, 0xff, 0x7d]) }, columns("a")).status).toBe("unreadable");
  });

  test("nested as deep as its size allows is read", () => {
    const deep = `{"a": 1, "deep": ${"[".repeat(500_000)}${"]".repeat(500_000)}}`;
    expect(json(deep, "a")).toMatchObject({ scores: { a: 1 } });
  });

  test("larger than the limit is unreadable", () => {
    const parsed = parseScores({ json: new Uint8Array(maxJsonBytes + 1).fill(0x20) }, columns("a"));
    expect(parsed).toMatchObject({ reason: { message: "scores.json is larger than 1024 KiB." } });
  });

  test("never yields anything but finite numbers and reasons, one of them for every column", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const keys = [...Object.keys(value), "not there"];
        const parsed = json(JSON.stringify(value), ...keys);
        if (parsed.status !== "scored") throw new Error("readable JSON was not read");
        expect(Object.values(parsed.scores).every(Number.isFinite)).toBe(true);
        expect([...Object.keys(parsed.scores), ...Object.keys(parsed.unscored)].sort()).toEqual(
          [...new Set(keys)].sort(),
        );
      }),
    );
  });
});

describe("scores.txt", () => {
  test("holds a key and a number per line", () => {
    expect(
      txt("accuracy: 0.5\r\nf1: 1e-3\r\nok: True\n\"quoted\": '7'\n", "accuracy", "f1", "ok", "quoted"),
    ).toEqual({
      status: "scored",
      scores: { accuracy: 0.5, f1: 0.001, ok: 1, quoted: 7 },
      unscored: {},
    });
  });

  test("leaves a column with .nan or nan unscored and keeps the others", () => {
    const parsed = txt("a: .nan\nb: nan\nc: 1\nd: -.inf\n", "a", "b", "c", "d");
    expect(parsed).toMatchObject({ scores: { c: 1 } });
    expect(["a", "b", "d"].map((key) => code(parsed, key))).toEqual([
      "not_finite",
      "not_finite",
      "not_finite",
    ]);
  });

  test("takes no tags and no aliases", () => {
    const parsed = txt("a: !!python/object:x 1\nb: !!int 1\nc: &n 3\nd: *n\n", "a", "b", "c", "d");
    expect(parsed).toMatchObject({ scores: { c: 3 } });
    expect(["a", "b", "d"].map((key) => code(parsed, key))).toEqual([
      "not_a_number",
      "not_a_number",
      "not_a_number",
    ]);
  });

  test("is YAML 1.2 whatever it declares", () => {
    expect(code(txt("%YAML 1.1\n---\na: yes\n", "a"), "a")).toBe("not_a_number");
  });

  test("lets the last of two equal keys count, and is safe with __proto__", () => {
    const parsed = txt("a: 1\na: 2\n__proto__: 3\n", "a", "__proto__");
    expect(parsed.status === "scored" && Object.entries(parsed.scores)).toEqual([
      ["a", 2],
      ["__proto__", 3],
    ]);
  });

  test.each([
    ["nothing", ""],
    ["no space after the colon", "accuracy:0.5"],
    ["a list", "- 1\n- 2"],
    ["an open list", "a: ["],
    ["two documents", "a: 1\n---\na: 2"],
    ["nothing but brackets", "[".repeat(maxTextBytes)],
  ])("that holds %s is unreadable, with a reason", (_, text) => {
    expect(txt(text, "a")).toMatchObject({ status: "unreadable", reason: { code: "scores_unreadable" } });
  });

  test("larger than the limit is unreadable", () => {
    expect(txt("#".repeat(maxTextBytes + 1), "a").status).toBe("unreadable");
  });

  test("stays unread where scores.json exists, readable or not", () => {
    const both = (text: string) => parseScores({ json: bytes(text), txt: bytes("a: 2") }, columns("a"));
    expect(both('{"a": 1}')).toMatchObject({ scores: { a: 1 } });
    expect(both("{").status).toBe("unreadable");
  });
});

test("no file at all is a reason of its own, with what to write", () => {
  expect(parseScores({}, columns("accuracy"))).toMatchObject({
    status: "missing",
    reason: { code: "no_scores", hint: expect.stringContaining('{"accuracy": 0.5}') },
  });
});
