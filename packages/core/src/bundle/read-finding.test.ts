import { describe, expect, test } from "vitest";
import { findings, memoryTree, goodBundle, told, variant, without } from "./fixture.ts";
import type { BundleTree } from "./tree.ts";

describe("of a document, readBundle finds", () => {
  test.each<[string, BundleTree, string]>([
    ["no document", memoryTree(without("competition.yaml")), "error bundle.document_missing"],
    [
      "a wrapping folder",
      memoryTree(Object.fromEntries(Object.entries(goodBundle).map(([path, file]) => [`x/${path}`, file]))),
      "error bundle.wrapped",
    ],
    ["a document that is not YAML", variant("title: Penguins", "title: a: b"), "error yaml.syntax"],
    ["a document that is a list", memoryTree({ "competition.yaml": "- a" }), "error yaml.not_a_mapping"],
    ["an empty document", memoryTree({ "competition.yaml": "" }), "error yaml.not_a_mapping"],
    [
      "a document that is not UTF-8",
      memoryTree({ "competition.yaml": Buffer.from([0xe9]) }),
      "error text.encoding",
    ],
    [
      "the older dialect",
      variant("phases:\n  - name: Only phase\n    tasks: [0]", "phases:\n  1:\n    label: x"),
      "error bundle.older_dialect phases",
    ],
    ["a missing field", variant("title: Penguins\n", ""), "error schema.field_missing title"],
    [
      "a missing field of an item",
      variant("    name: Species\n", ""),
      "error schema.field_missing tasks[0].name",
    ],
    ["a wrong type", variant("tasks: [0]", "tasks: 0"), "error schema.type phases[0].tasks"],
    [
      "an index that is no integer",
      variant("- index: 0\n    name", "- index: '0'\n    name"),
      "error schema.type tasks[0].index",
    ],
    [
      "a value that is none of those allowed",
      variant("        index: 0\n", "        index: 0\n        sorting: up\n"),
      "error schema.value leaderboard[0].columns[0].sorting",
    ],
    [
      "an unknown key",
      variant("title: Penguins", "title: Penguins\ntilte: x"),
      "warning schema.unknown_key tilte",
    ],
    ["an unknown version", variant("version: 2", "version: 3"), "error schema.value version"],
    [
      "a task that does not exist",
      variant("tasks: [0]", "tasks: [0, 7]"),
      "error manifest.task_unknown phases[0].tasks[1]",
    ],
    [
      "a duplicate index",
      variant(
        "tasks:\n  - index: 0",
        "tasks:\n  - index: 0\n    name: Twin\n    scoring_program: scoring\n    reference_data: reference\n  - index: 0",
      ),
      "error manifest.duplicate tasks[1].index",
    ],
    [
      "a date that is none",
      variant("tasks: [0]", "tasks: [0]\n    start: soon"),
      "error manifest.date phases[0].start",
    ],
    [
      "a date that is an integer",
      variant("tasks: [0]", "tasks: [0]\n    start: 20260101"),
      "error schema.type phases[0].start",
    ],
    [
      "an ambiguous date",
      variant("tasks: [0]", "tasks: [0]\n    start: 8-7-2019"),
      "warning manifest.date_ambiguous phases[0].start",
    ],
    [
      "a phase that ends early",
      variant("tasks: [0]", "tasks: [0]\n    start: 2026-02-02\n    end: 2026-02-01"),
      "error manifest.phase_ends_early phases[0].end",
    ],
    ["no leaderboard", variant("leaderboard:", "fact_sheet:"), "error schema.field_missing leaderboard"],
    [
      "a computation without columns",
      variant("        index: 0\n", "        index: 0\n        computation: avg\n"),
      "error manifest.computation_indexes_missing leaderboard[0].columns[0].computation",
    ],
    [
      "a column computed from itself",
      variant(
        "        index: 0\n",
        "        index: 0\n        computation: avg\n        computation_indexes: [0]\n",
      ),
      "error manifest.column_unknown leaderboard[0].columns[0].computation_indexes",
    ],
    [
      "a primary column that is not there",
      variant("    key: main\n", "    key: main\n    primary_index: 3\n"),
      "error manifest.column_unknown leaderboard[0].primary_index",
    ],
    [
      "a task by key",
      variant("    scoring_program: scoring/\n    reference_data: reference", "    key: 0b2c"),
      "error manifest.key_unresolvable tasks[0].key",
    ],
    [
      "no reference data",
      variant("    reference_data: reference\n", ""),
      "warning manifest.no_reference_data tasks[0]",
    ],
  ])("%s", async (_, tree, expected) => {
    expect(await told(tree)).toEqual([expected]);
  });

  test("everything at once, each at its line and column, errors first", async () => {
    const tree = variant("title: Penguins", "titel: Penguins\nimage: logo.png");
    expect(await findings(tree)).toMatchObject([
      { level: "error", code: "schema.field_missing", path: "title", line: 1, column: 1 },
      {
        level: "error",
        code: "bundle.file_missing",
        path: "image",
        line: 3,
        column: 8,
        file: "competition.yaml",
      },
      {
        level: "warning",
        code: "schema.unknown_key",
        path: "titel",
        line: 2,
        column: 1,
        hint: "Did you mean `title`?",
      },
    ]);
  });

  test("where a key belongs that stands in the wrong place", async () => {
    const tree = variant("    reference_data", "    starting_kit: kit\n    reference_data");
    expect(await findings(tree)).toMatchObject([
      { code: "schema.unknown_key", path: "tasks[0].starting_kit", hint: "It belongs in an item of phases." },
    ]);
    expect(await findings(variant("title: Penguins", "title: Penguins\nsorting: asc"))).toMatchObject([
      { code: "schema.unknown_key", path: "sorting", hint: "It belongs in an item of columns." },
    ]);
    expect(await findings(variant("title: Penguins", "title: Penguins\nsubmission_rule: Add"))).toMatchObject(
      [{ hint: "It belongs in an item of leaderboard." }],
    );
  });

  test("an index in quotes once, and not as a column that is missing", async () => {
    const computed =
      "        index: 0\n      - {title: Mean, key: mean, index: 1, computation: avg, computation_indexes: ['0']}";
    expect(await told(variant("        index: 0", computed))).toEqual([
      "error schema.type leaderboard[0].columns[1].computation_indexes[0]",
    ]);
  });
});
