import { describe, expect, test } from "vitest";
import {
  findings,
  goodBundle,
  memoryTree,
  rawZip,
  readZipBundle,
  told,
  variant,
  without,
} from "./fixture.ts";
import type { BundleTree } from "./tree.ts";

describe("of what a document names, readBundle finds", () => {
  test.each<[string, BundleTree, string]>([
    [
      "a file that is missing",
      variant("scoring/", "scorign/"),
      "error bundle.file_missing tasks[0].scoring_program",
    ],
    [
      "a path that leaves the bundle",
      variant("scoring/", "../scoring"),
      "error bundle.path_unsafe tasks[0].scoring_program",
    ],
    [
      "a page that is empty",
      variant("title: Penguins", "title: Penguins\nterms: t.md", { "t.md": " \n" }),
      "error bundle.page_empty terms",
    ],
    [
      "a page that is a directory",
      variant("title: Penguins", "title: Penguins\nterms: scoring"),
      "error bundle.not_a_file terms",
    ],
    [
      "an image that is none",
      variant("title: Penguins", "title: Penguins\nimage: l.png", { "l.png": "text" }),
      "error bundle.not_an_image image",
    ],
    [
      "data named by its key on another platform",
      variant("data: reference", "data: 5b1c8d3e-9c2a-4e21-8a3d-2f3a7d1a9f11"),
      "error manifest.key_unresolvable tasks[0].reference_data",
    ],
    [
      "a zip that is none",
      variant("data: reference", "data: r.zip", { "r.zip": "text" }),
      "error zip.not_a_zip tasks[0].reference_data",
    ],
    [
      "a program without metadata",
      memoryTree(without("scoring/metadata.yaml")),
      "error program.metadata_missing tasks[0].scoring_program",
    ],
    [
      "a program that is a file",
      variant("scoring/", "scoring/score.py"),
      "error program.not_a_program tasks[0].scoring_program",
    ],
    [
      "a program without command",
      memoryTree({ ...goodBundle, "scoring/metadata.yaml": "description: x" }),
      "error program.command_missing command",
    ],
    [
      "a script that is missing",
      memoryTree({ ...goodBundle, "scoring/metadata.yaml": "command: python3 scoer.py" }),
      "error program.script_missing command",
    ],
    [
      "a command that cannot be split",
      memoryTree({ ...goodBundle, "scoring/metadata.yaml": 'command: python3 "score.py' }),
      "error program.command_unreadable command",
    ],
    [
      "columns that the program's list has none of",
      memoryTree({ ...goodBundle, "scoring/metadata.yaml": "command: python3 score.py\nscores: [f1]" }),
      "error manifest.no_scored_column leaderboard[0].columns[0].key",
    ],
    [
      "columns that the program's text does not mention",
      memoryTree({ ...goodBundle, "scoring/score.py": "print(1)" }),
      "warning manifest.column_unscored leaderboard[0].columns[0].key",
    ],
    [
      "reference data in the input data",
      variant("    reference_data: reference", "    reference_data: reference\n    input_data: input", {
        "input/train/answers.csv": goodBundle["reference/labels.csv"]!,
      }),
      "warning bundle.leak tasks[0].input_data",
    ],
    [
      "reference data that is the input data",
      variant("    reference_data: reference", "    reference_data: reference\n    input_data: reference/"),
      "warning bundle.leak tasks[0].input_data",
    ],
    [
      "a solution that is a single file",
      variant(
        "leaderboard:",
        "solutions:\n  - {index: 0, tasks: [0], path: reference/labels.csv}\nleaderboard:",
      ),
      "error bundle.solution_not_a_zip solutions[0].path",
    ],
    [
      "a Git LFS pointer",
      memoryTree({
        ...goodBundle,
        "reference/labels.csv": "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n",
      }),
      "warning bundle.lfs_pointer",
    ],
  ])("%s", async (_, tree, expected) => {
    expect(await told(tree)).toEqual([expected]);
  });

  test("what was meant: a folder's file, another case, another extension", async () => {
    const hint = async (path: string): Promise<string | undefined> =>
      (
        await findings(
          variant("title: Penguins", `title: Penguins\nterms: ${path}`, { "pages/terms.md": "x" }),
        )
      )[0]?.hint;
    expect(await hint("terms.md")).toBe("Did you mean `pages/terms.md`?");
    expect(await hint("Pages/Terms.md")).toBe("Did you mean `pages/terms.md`?");
    expect(await hint("pages/terms.html")).toBe("Did you mean `pages/terms.md`?");
  });

  test("nothing about a column whose key the program puts together", async () => {
    const tree = variant("key: accuracy", "key: test_accuracy", {
      "scoring/score.py": 'scores[f"{split}_accuracy"] = 1\n',
    });
    expect(await told(tree)).toEqual([]);
  });

  test.each([
    ["[python3, score.py, $input, 3]", "Write it as one text, not as a list: python3 score.py $input 3"],
    ["[python3 score.py]", "Write it as one text, not as a list: python3 score.py"],
    ["[sh, -c, a && b]", "Write it as one text, not as a list: sh -c 'a && b'"],
    ["[sh, -c, it's]", `Write it as one text, not as a list: sh -c "it's"`],
    ["[sh, -c, 'a: b']", "Write it as one text, not as a list."],
    ["[sh, [b]]", "Write it as one text, not as a list."],
  ])("how to write the command %s", async (command, hint) => {
    const tree = memoryTree({ ...goodBundle, "scoring/metadata.yaml": `command: ${command}\n` });
    expect(await findings(tree)).toMatchObject([{ code: "schema.type", path: "command", hint }]);
  });

  test.each(["yes", "true", "no", "off", "1"])("what to write for the network %s", async (network) => {
    const metadata = `command: python3 score.py\nnetwork: ${network}\n`;
    expect(await findings(memoryTree({ ...goodBundle, "scoring/metadata.yaml": metadata }))).toMatchObject([
      {
        code: "schema.value",
        hint: expect.stringMatching(/^Write `network: none` or `network: open` \(none: /),
      },
    ]);
  });

  test("how to write a command with a colon", async () => {
    const metadata = "description: x\ncommand: python3 score.py --as a: b\n";
    expect(await findings(memoryTree({ ...goodBundle, "scoring/metadata.yaml": metadata }))).toMatchObject([
      {
        code: "yaml.syntax",
        file: "scoring/metadata.yaml",
        line: 2,
        hint: "Write it in quotes: command: 'python3 score.py --as a: b'",
      },
    ]);
  });

  test("damage inside a nested zip, and in a member of the bundle's own zip", async () => {
    const broken = rawZip([{ name: "labels.csv", data: "1,2", crc: 5 }]);
    expect(await told(variant("data: reference", "data: r.zip", { "r.zip": broken }))).toEqual([
      "error zip.corrupt tasks[0].reference_data",
    ]);
    const entries = Object.entries(goodBundle).map(([name, data]) => ({ name, data }));
    const damaged = rawZip(
      entries.map((entry) => ({ ...entry, ...(entry.name.endsWith(".csv") ? { crc: 1 } : {}) })),
    );
    expect((await readZipBundle(damaged)).findings).toMatchObject([
      { level: "error", code: "zip.corrupt", file: "reference/labels.csv" },
    ]);
  });
});
