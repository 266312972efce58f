import * as fc from "fast-check";
import { expect, test } from "vitest";
import { splitCommand } from "./split-command.ts";

// The answers are those of Python 3.11: `shlex.split(command)`.
test.each([
  ["a b", ["a", "b"]],
  ['a  "b c"', ["a", "b c"]],
  ["a 'b c'd", ["a", "b cd"]],
  ['a "" b', ["a", "", "b"]],
  ["a\\ b", ["a b"]],
  ['"a\\"b"', ['a"b']],
  ['"a\\nb"', ["a\\nb"]],
  ["'a\\b'", ["a\\b"]],
  ['a "it\'s" # x', ["a", "it's", "#", "x"]],
  ["sh -c 'x && y | z > \"o\"'", ["sh", "-c", 'x && y | z > "o"']],
  ['--x="a b"', ["--x=a b"]],
  ["a\tb\nc", ["a", "b", "c"]],
  ["\\\\", ["\\"]],
  ['"\\$x"', ["\\$x"]],
  ["a\u00a0b", ["a\u00a0b"]],
  ['"a\\\\b"', ["a\\b"]],
  ['é "ü x"', ["é", "ü x"]],
  ["", []],
])("splits %j as shlex does", (command, words) => {
  expect(splitCommand(command)).toEqual(words);
});

test.each([
  ["python 'x", "a ' is opened and never closed"],
  ['"', 'a " is opened and never closed'],
  ["a \\", "it ends in a backslash"],
  ['"a\\', "it ends in a backslash"],
])("refuses %j: %s", (command, why) => {
  expect(() => splitCommand(command)).toThrow(why);
});

test("words quoted for a shell come back unchanged", () => {
  fc.assert(
    fc.property(fc.array(fc.string()), (words) => {
      const quoted = words.map((word) => `'${word.replaceAll("'", `'"'"'`)}'`);
      expect(splitCommand(quoted.join(" "))).toEqual(words);
    }),
  );
});
