import { describe, expect, test } from "vitest";
import { FindingList } from "./finding-list.ts";
import { readYaml } from "./yaml-document.ts";

function read(text: string): { value: unknown; errors: string[] } {
  const findings = new FindingList();
  const { value } = readYaml(text, "competition.yaml", findings);
  return { value, errors: findings.items.map(({ code, line }) => `${code}:${line}`) };
}

describe("a quoted text whose later lines are not indented", () => {
  test.each([
    ["at the top level", "title: 'a long\ntitle'\nversion: 2\n", { title: "a long title", version: 2 }],
    ["in double quotes", 'title: "a \\"long\ntitle"\nversion: 2\n', { title: 'a "long title', version: 2 }],
    ["with doubled quotes", "title: 'it''s\nlong'\nversion: 2\n", { title: "it's long", version: 2 }],
    ["in a list", "phases:\n  - name: 'a\n  b'\n    end: 2\n", { phases: [{ name: "a b", end: 2 }] }],
    ["with Windows line ends", "title: 'a\r\nb'\r\nversion: 2\r\n", { title: "a b", version: 2 }],
    ["twice", "a: 'b\nc'\nd: 'e\nf'\n", { a: "b c", d: "e f" }],
    ["with an empty line, which stays a line break", "a: 'b\n\nc'\n", { a: "b\nc" }],
  ])("%s is read as upstream reads it", (_, text, expected) => {
    const { value, errors } = read(text);
    expect(errors).toEqual([]);
    expect(JSON.parse(JSON.stringify(value))).toEqual(expected);
  });

  test("leaves what follows at its line", () => {
    const findings = new FindingList();
    const document = readYaml("a: 'b\nc'\nd: 1\n", "competition.yaml", findings);
    expect(document.mark(["d"])).toEqual({ line: 3, column: 4 });
  });
});

test("a quote that is never closed is one error", () => {
  expect(read("a: 'b\nc: 1\n").errors).toHaveLength(1);
});

test("a quote that another one closes by mistake is an error where the author wrote it", () => {
  expect(read("a: 'b\nc: 'd'\n").errors).toEqual(["yaml.syntax:1"]);
});

test("one whose indentation would fill the memory stays an error", () => {
  const text = `${" ".repeat(20_000)}a: '${"\n".repeat(20_000)}b'\n`;
  expect(read(text).errors.length).toBeLessThan(4);
});

test("so many that reading them all again would take long stay errors", () => {
  expect(read("a: 'b\nc'\n".repeat(3000)).errors.length).toBeGreaterThan(0);
});
