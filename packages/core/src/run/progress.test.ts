import { describe, expect, it } from "vitest";
import { parseProgress } from "./progress.ts";

describe("progress", () => {
  it.each([
    ["Processing: 10/100 (10%)", 10, 100],
    ["  processing 0/5", 0, 5],
    ["Progress: 3 of 4", 3, 4],
    ["Evaluating questions: 7/8 (87.5%) acc=0.5", 7, 8],
    [" 10%|█         | 10/100 [00:01<00:09, 9.98it/s]", 10, 100],
    ["Processing: 1/9 (11%)\rProcessing: 9/9 (100%)\r", 9, 9],
    [`${"x".repeat(5000)}\rProcessing: 2/3 (67%)`, 2, 3],
  ])("is what %j says", (text, done, total) => {
    expect(parseProgress(text)).toEqual({ done, total });
  });

  it.each([
    "",
    "2026/11/21 10:00",
    "accuracy 3/4",
    "Processing: 10/0 (0%)",
    "Processing: 11/10 (110%)",
    "Processing: 1234567890123/9",
    "read /data/10/100 (10%)",
    "10%",
  ])("is not what %j says", (text) => {
    expect(parseProgress(text)).toBeUndefined();
  });

  it("is found in time that does not grow with a hostile line", () => {
    for (const text of ["1/1 (".repeat(100_000), "%|".repeat(200_000), " ".repeat(500_000)]) {
      expect(parseProgress(text)).toBeUndefined();
    }
  });
});
