import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { FindingList } from "./finding-list.ts";
import { formatPath, readYaml } from "./yaml-document.ts";

function read(text: string) {
  const findings = new FindingList();
  const document = readYaml(text, "f.yaml", findings);
  return { value: document.value as never, document, findings: findings.sorted() };
}

describe("readYaml", () => {
  test("keeps to the 1.2 core schema whatever the file says", () => {
    const { value } = read("%YAML 1.1\n---\na: yes\nb: True\nc: 010\nd: 2024-01-01\ne: ~\nf: False\n");
    expect({ ...(value as object) }).toEqual({
      a: "yes",
      b: true,
      c: 10,
      d: "2024-01-01",
      e: null,
      f: false,
    });
  });

  test("reads a byte order mark, carriage returns, anchors and merge keys", () => {
    const { value, findings } = read("base: &b {x: 1, y: 2}\r\nuse:\r\n  <<: *b\r\n  y: 3\r\nagain: *b\r\n");
    expect(JSON.parse(JSON.stringify(value))).toEqual({
      base: { x: 1, y: 2 },
      use: { x: 1, y: 3 },
      again: { x: 1, y: 2 },
    });
    expect(findings).toEqual([]);
  });

  test("gives positions of keys and values, through aliases too", () => {
    const { document } = read("list:\n  - &a\n    name: x\n  - *a\nother: y\n");
    expect(document.mark(["list", 0, "name"])).toEqual({ line: 3, column: 11 });
    expect(document.mark(["list", 1, "name"], "key")).toEqual({ line: 3, column: 5 });
    expect(document.mark(["other"], "key")).toEqual({ line: 5, column: 1 });
    // Of what is missing, the mapping it is missing from.
    expect(document.mark(["list", 0, "size"])).toEqual({ line: 3, column: 5 });
  });

  test("warns about a key given twice; the last one counts", () => {
    const { value, findings } = read("a: 1\nb: 2\na: 3\n");
    expect(value["a"]).toBe(3);
    expect(findings).toMatchObject([{ level: "warning", code: "yaml.duplicate_key", line: 3, column: 1 }]);
  });

  test("finds duplicates among fifty thousand keys, and says the first fifty", () => {
    const { value, findings } = read("k: 1\n".repeat(49_000));
    expect(value["k"]).toBe(1);
    expect(findings).toHaveLength(50);
  });

  test("cannot be made to change a prototype", () => {
    const { value, findings } = read(
      "__proto__: {polluted: true}\nconstructor: {prototype: {polluted: true}}\n",
    );
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
    expect(Object.getPrototypeOf(value)).toBeNull();
    expect(findings).toMatchObject([{ code: "yaml.key_ignored" }]);
  });

  test.each([
    ["a: &a [*a]\n", "yaml.alias_recursive"],
    ["a: *b\n", "yaml.syntax|yaml.alias_unknown"],
    ["? [1, 2]\n: x\n", "yaml.key"],
    ["a: 1\n---\nb: 2\n", "yaml.syntax"],
    ["\ta: 1\n", "yaml.syntax"],
    [`${"[".repeat(200)}${"]".repeat(200)}`, "yaml.too_deep"],
  ])("refuses %j", (text, codes) => {
    const { value, findings } = read(text);
    expect(value).toBeUndefined();
    expect(codes.split("|")).toContain(findings[0]?.code);
    expect(findings[0]).toMatchObject({ level: "error", file: "f.yaml" });
  });

  test("refuses aliases that expand without bound, in bounded time", () => {
    const levels = Array.from({ length: 30 }, (_, i) => `l${i + 1}: &l${i + 1} [*l${i}, *l${i}]`);
    const { findings } = read(["l0: &l0 [x, x]", ...levels].join("\n"));
    expect(findings[0]?.code).toBe("yaml.too_large");
  });

  test("shows how to write a value that contains a colon", () => {
    const { findings } = read("command: python3 score.py --name a: b\n");
    expect(findings[0]).toMatchObject({
      code: "yaml.syntax",
      line: 1,
      hint: "Write it in quotes: command: 'python3 score.py --name a: b'",
    });
  });

  test.each([
    ["a: " + "[".repeat(20_000), /nested too deeply/, /never closed/],
    ['a: "b', /a " is opened and never closed/, /quote/],
    ["a: *b\n", /anchored as "&b"/, /in quotes: "\*b"/],
  ])("says of %.10j in plain words what is wrong, and what to write", (text, message, hint) => {
    const { findings } = read(text);
    expect(findings[0]?.message).toMatch(message);
    expect(findings[0]?.hint).toMatch(hint);
  });

  test("never throws, whatever the text", () => {
    const yamlish = fc.stringMatching(/^[-a-z0-9:?&*!|>'"%@`{}[\],#~ \n\t<]{0,60}$/);
    fc.assert(
      fc.property(fc.oneof(fc.string({ maxLength: 80 }), yamlish), (text) => {
        const { document } = read(text);
        document.mark(["a", 0, "b"]);
      }),
      { numRuns: 3000 },
    );
  });
});

test("writes paths as people do", () => {
  expect(formatPath(["tasks", 0, "scoring_program"])).toBe("tasks[0].scoring_program");
});
