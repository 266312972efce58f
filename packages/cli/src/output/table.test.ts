import { expect, it } from "vitest";
import { table } from "./table.ts";
import { paint } from "./text.ts";

it("aligns columns by what a terminal shows", () => {
  const shown = table(
    [{ title: "NAME" }, { title: "SCORE", align: "right" }, { title: "BY" }],
    [
      ["数学", "1.0", "a"],
      [paint.green("ok"), "12.25", "bob"],
    ],
  );
  expect(shown.plain.split("\n")).toEqual(["NAME  SCORE  BY", "数学    1.0  a", "ok    12.25  bob"]);
});

it("ends no line in blanks, whatever its last cells lack", () => {
  const columns = [{ title: "NAME" }, { title: "SCORE", align: "right" as const }, { title: "" }];
  const shown = table(columns, [
    ["a", "1", "x"],
    ["long", "", ""],
    ["b", "2", ""],
    ["", "", ""],
  ]);
  expect(shown.plain.split("\n")).toEqual(["NAME  SCORE", "a         1  x", "long", "b         2", ""]);
});

it("keeps a cell with line breaks and escapes in its row", () => {
  const shown = table([{ title: "NAME" }], [["a\nb\u001b[2J"]]);
  expect(shown.plain).toBe("NAME\na b");
});

it("shortens a cell that would fill the screen", () => {
  const [, row] = table([{ title: "X" }], [["x".repeat(500)]]).plain.split("\n");
  expect(row).toHaveLength(48);
});
