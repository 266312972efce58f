import { expect, it } from "vitest";
import { Output } from "./output.ts";

it.each([
  [132, 132],
  [0, 80],
  [undefined, 80],
])("takes a terminal of %j columns for one of %j", (columns, expected) => {
  const sink = { write: () => true, isTTY: true, columns };
  const out = new Output({ stdout: sink, stderr: sink, json: false, quiet: false, color: false });
  expect(out.columns).toBe(expected);
});
