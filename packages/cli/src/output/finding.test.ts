import type { Finding } from "@benchgen/core/wire/finding.ts";
import { expect, it } from "vitest";
import { renderFinding, summarizeFindings } from "./finding.ts";

const finding: Finding = {
  level: "error",
  code: "bundle.file_missing",
  message: "There is no file scoring/.",
  file: "competition.yaml",
  line: 12,
  column: 5,
  path: "tasks[0].scoring_program",
  hint: "Write a path inside the bundle.",
};

it("prints a finding as a compiler does, with the line and a mark under the column", async () => {
  const shown = await renderFinding(finding, () => Promise.resolve("    scoring_program: scoring/"));
  expect(shown.plain).toBe(
    [
      "competition.yaml:12:5 error bundle.file_missing There is no file scoring/.",
      "  12 |     scoring_program: scoring/",
      "     |     ^",
      "  hint: Write a path inside the bundle.",
    ].join("\n"),
  );
});

it("prints a finding about the whole bundle without a place", async () => {
  const shown = await renderFinding({
    level: "warning",
    code: "zip.wrapped",
    message: "All is in one folder.",
  });
  expect(shown.plain).toBe("warning zip.wrapped All is in one folder.");
});

it("puts the mark under a column far to the right, after wide characters", async () => {
  const source = `${"数".repeat(60)}: x`;
  const shown = await renderFinding({ ...finding, column: 63, hint: undefined }, () =>
    Promise.resolve(source),
  );
  const [, line, mark] = shown.plain.split("\n");
  const before = line!.slice(0, line!.indexOf("x"));
  const wide = before.split("数").length - 1;
  expect(mark!.indexOf("^")).toBe(before.length + wide);
});

it("strips escapes from everything a bundle wrote", async () => {
  const hostile = { ...finding, message: "\u001b[2Jgone", file: "a\u202eb", hint: "\u009b1m" };
  const shown = await renderFinding(hostile, () => Promise.resolve("\u001b]0;x\u0007line"));
  expect(shown.plain).not.toMatch(/[\u001b\u009b\u202e]/);
  expect(shown.plain).toContain("ab:12:5 error bundle.file_missing gone");
});

it("counts errors and warnings apart", () => {
  expect(
    summarizeFindings([finding, { ...finding, level: "warning" }, { ...finding, level: "warning" }]),
  ).toBe("1 error, 2 warnings");
  expect(summarizeFindings([])).toBeUndefined();
});
