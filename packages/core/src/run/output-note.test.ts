import { expect, it } from "vitest";
import { misplacedNotes, outputNotes } from "./output-note.ts";

const open = { hidden: { output: false, predictions: false, scoring: false } };
const closed = { hidden: { ...open.hidden, predictions: true } };

function left(...skipped: string[]) {
  return { output: { size: 1, sha256: "0", files: 1, skipped } };
}

it("names some of the files that were not kept, and why", () => {
  expect(outputNotes(open, "scoring", left("results.jsonl (a link)"))).toEqual([
    "Of what the scoring program left, this was not kept: results.jsonl (a link).",
  ]);
  const many = outputNotes(open, "concurrent", left("a", "b", "c", "d", "e", "f", "g"));
  expect(many).toEqual(["Of what the programs left, this was not kept: a, b, c, d, e, and more."]);
  expect([outputNotes(open, "ingestion", left()), outputNotes(open, "ingestion", {})]).toEqual([[], []]);
});

it("names no file where output is hidden: a submission chooses the names of its files", () => {
  const notes = [
    ...outputNotes(closed, "ingestion", left("secret (a link)")),
    ...misplacedNotes(closed, "secret"),
  ];
  expect(notes).toHaveLength(2);
  expect(notes.join()).not.toContain("secret");
});

it("says where cases are read from when they are elsewhere", () => {
  expect(misplacedNotes(open, "Results.jsonl")[0]).toContain('which "Results.jsonl" is not');
  expect(misplacedNotes(open, undefined)).toEqual([]);
});
