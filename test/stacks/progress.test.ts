/** What CloudWatch passes on of what programs print, against what is read in it. */
import { parseProgress } from "@benchgen/core/run/progress.ts";
import * as fc from "fast-check";
import { expect, it } from "vitest";
import { progressPattern } from "../../stacks/progress.ts";

const expression = progressPattern.slice(1, -1);
const isPassedOn = (line: string) => new RegExp(expression).test(line);

it("is in CloudWatch's words: no groups, nothing that it does not know", () => {
  expect(progressPattern).toMatch(/^%[^%]+%$/);
  expect(expression).toMatch(/^(?:[A-Za-z0-9:_#=@/;,\-^$?[\]{}|*+.]|\\[dDsSwW]|\\x[0-9A-F]{2})+$/);
});

it.each([
  "Processing: 10/100 (10%)",
  "  processing 0/5",
  "PROGRESS: 3 OF 4",
  "Evaluating questions: 7 of 8 (87.5%)",
  " 10%|█         | 10/100 [00:01<00:09, 9.98it/s]",
])("lets %j through", (line) => {
  expect(parseProgress(line)).toBeDefined();
  expect(isPassedOn(line)).toBe(true);
});

it.each(["", "2026/11/21 10:00:00 started", "read /data/10/100", "accuracy 0.8", "10%", "3 of them"])(
  "keeps %j back",
  (line) => {
    expect(isPassedOn(line)).toBe(false);
  },
);

const word = fc.constantFrom(
  "Processing",
  "progress",
  "Evaluating",
  ":",
  " ",
  "of",
  "/",
  "(",
  "%)",
  "%|",
  "|",
  "[",
  "█",
);
const piece = fc.oneof(word, fc.nat(200).map(String), fc.string({ maxLength: 3 }), fc.constant("\r"));

it("lets every line through that says something of progress", () => {
  const lines = fc.oneof(
    fc.array(piece, { maxLength: 14 }).map((pieces) => pieces.join("")),
    fc
      .tuple(
        fc.string({ maxLength: 70 }),
        word,
        fc.nat(50),
        fc.constantFrom("/", " / ", "/ ", " of "),
        word,
        fc.nat(99),
      )
      .map(
        ([before, name, done, sign, after, share]) =>
          `${before}${name} ${done}${sign}50 ${after}${share}%)|[`,
      ),
  );
  fc.assert(
    fc.property(lines, (line) => {
      if (parseProgress(line) !== undefined) expect(isPassedOn(line)).toBe(true);
    }),
    { numRuns: 20_000 },
  );
});
