import { expect, test } from "vitest";
import { csvRecord } from "./csv.ts";

test("quotes cells with commas, quotes and line ends, and doubles quotes", () => {
  expect(csvRecord(['a "b"', "c,d", "e\nf", "plain", undefined, 0.1])).toBe(
    '"a ""b""","c,d","e\nf",plain,,0.1\r\n',
  );
});

test.each(["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1", "|calc", "%0"])(
  "makes text of the cell %j, which a spreadsheet would compute",
  (cell) => {
    expect(csvRecord([cell]).replaceAll('"', "")).toBe(`'${cell}\r\n`);
  },
);

test("leaves numbers as they are, negative ones too", () => {
  expect(csvRecord([-0.5, 1e-7, 12])).toBe("-0.5,1e-7,12\r\n");
});
