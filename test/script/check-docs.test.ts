import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { anchorsOf, checkDocs } from "../../scripts/check-docs.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "check-docs-"));
});
afterEach(() => rmSync(root, { recursive: true }));

/** The failures of a repository with these files, as `file:line: message`. */
function failures(files: Record<string, string>): string[] {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
  return checkDocs(root).map(({ file, line, message }) => `${file}:${line}: ${message}`);
}

describe("links", () => {
  test("to a file that is there, and to other sites, pass", () => {
    expect(
      failures({ "a.md": "[b](docs/b.md) [c](https://example.org/x)", "docs/b.md": "[a](../a.md)" }),
    ).toEqual([]);
  });

  test("to a file that is not there fail with their line", () => {
    expect(failures({ "a.md": "\n[b](docs/b.md)" })).toEqual(["a.md:2: there is no docs/b.md"]);
  });

  test("to a heading that is not there fail", () => {
    expect(failures({ "a.md": "[b](b.md#two-words) [c](b.md#three)", "b.md": "## Two `words`!" })).toEqual([
      "a.md:1: b.md has no heading #three",
    ]);
  });

  test("out of the repository fail", () => {
    expect(failures({ "a.md": "[b](../b.md)" })).toEqual(["a.md:1: ../b.md is outside the repository"]);
  });

  test("inside code are no links", () => {
    expect(failures({ "a.md": "`[b](b.md)`\n```md\n[b](b.md)\n```" })).toEqual([]);
  });
});

describe("paths in code", () => {
  const source = { "packages/core/a.ts": "" };

  test("of files that are there pass, with a line number or a glob too", () => {
    expect(
      failures({ ...source, "a.md": "`packages/core/a.ts` `packages/core/a.ts:3` `packages/*/a.ts`" }),
    ).toEqual([]);
  });

  test("of files that are not there fail in code spans and in shell blocks", () => {
    const text =
      "`packages/core/b.ts`\n```sh\nnode packages/core/c.ts\n```\n```json\npackages/core/d.ts\n```";
    expect(failures({ ...source, "a.md": text })).toEqual([
      "a.md:1: there is no packages/core/b.ts",
      "a.md:3: there is no packages/core/c.ts",
    ]);
  });

  test("outside the repository's own directories, and placeholders, are left alone", () => {
    expect(failures({ ...source, "a.md": "`bundle/x.yaml` `/app/output` `packages/<name>/x.ts`" })).toEqual(
      [],
    );
  });
});

test("a heading that is there twice has two anchors", () => {
  expect([...anchorsOf("# Data: source\n# Data: source\n```\n# no\n```")]).toEqual([
    "data-source",
    "data-source-1",
  ]);
});
