import { expect, it } from "vitest";
import { foldersOf } from "./environment-download.ts";

it("saves what a version offers side by side, and files of one name in the folders of the bundle", () => {
  const files = ["kit", "first/data.zip", "second/data", "second/Notes.md", "notes.md"];
  expect(files.map((file) => foldersOf(file, files))).toEqual([[], ["first"], ["second"], ["second"], []]);
});
