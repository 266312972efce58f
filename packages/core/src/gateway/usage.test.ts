import { describe, expect, it } from "vitest";
import { readUsage } from "./usage.ts";

/** Input, cached, output, reasoning. */
function counts(usage: object): number[] | undefined {
  const found = readUsage({ usage });
  return found && [found.inputTokens, found.cachedInputTokens, found.outputTokens, found.reasoningTokens];
}

describe("readUsage", () => {
  it.each([
    [{ prompt_tokens: 10, completion_tokens: 2 }, [10, 0, 2, 0]],
    [{ prompt_tokens: 3, total_tokens: 3 }, [3, 0, 0, 0]],
    [
      {
        prompt_tokens: 10,
        completion_tokens: 9,
        total_tokens: 19,
        prompt_tokens_details: { cached_tokens: 4 },
        completion_tokens_details: { reasoning_tokens: 5 },
      },
      [10, 4, 9, 5],
    ],
    [{ prompt_tokens: 10, completion_tokens: null, prompt_tokens_details: null }, [10, 0, 0, 0]],
  ])("reads %j", (usage, expected) => {
    expect(counts(usage)).toEqual(expected);
  });

  it("adds reasoning that an endpoint leaves out of the completion, and nothing else that its total has", () => {
    const details = { completion_tokens_details: { reasoning_tokens: 94 } };
    expect(counts({ prompt_tokens: 32, completion_tokens: 9, total_tokens: 135, ...details })).toEqual([
      32, 0, 103, 94,
    ]);
    expect(counts({ prompt_tokens: 32, completion_tokens: 9, total_tokens: 100_000 })).toEqual([32, 0, 9, 0]);
    expect(counts({ prompt_tokens: 32, completion_tokens: 9, total_tokens: 1, ...details })).toEqual([
      32, 0, 9, 9,
    ]);
  });

  it("takes no part for more than its whole", () => {
    const usage = {
      prompt_tokens: 10,
      completion_tokens: 20,
      prompt_tokens_details: { cached_tokens: 99 },
      completion_tokens_details: { reasoning_tokens: 999 },
    };
    expect(counts(usage)).toEqual([10, 10, 20, 20]);
  });

  it.each([
    {},
    { prompt_tokens: -5, completion_tokens: 1 },
    { prompt_tokens: 10, completion_tokens: 1e18 },
    { prompt_tokens: "10", completion_tokens: "2" },
    { prompt_tokens: 10.5, completion_tokens: 2 },
  ])("reads nothing from %j", (usage) => {
    expect(readUsage({ usage })).toBeUndefined();
  });
});
