import { describe, expect, it } from "vitest";
import { type Action, nextAction } from "./agent.ts";
import { judge } from "./judge.ts";

const tools = ["calculator", "count_items", "move_items", "set_price"];
const order = "Move all lamps from shelf A to shelf B. Set the price of lamps to 3 * (4 + 1).";

/** Every call, until it is done, when the tools answer so. */
function play(prompt: string, answers: readonly string[], errs = false): Action[] {
  const actions: Action[] = [];
  for (;;) {
    const next = nextAction(prompt, tools, { results: answers.slice(0, actions.length), errs });
    if (next === undefined || next === "done") return actions;
    actions.push(next);
  }
}

describe("the solver as an agent", () => {
  it("carries out an order call by call, with what earlier calls have told it", () => {
    expect(play(order, ["7", "moved 7", "15", "lamps cost 15"])).toEqual([
      { tool: "count_items", arguments: { item: "lamps", shelf: "A" } },
      { tool: "move_items", arguments: { item: "lamps", count: 7, source: "A", target: "B" } },
      { tool: "calculator", arguments: { expression: "3 * (4 + 1)" } },
      { tool: "set_price", arguments: { item: "lamps", amount: 15 } },
    ]);
  });

  it("errs in the last number it gives", () => {
    const last = play(order, ["7", "moved 7", "15", ""], true).at(-1);
    expect(last).toEqual({ tool: "set_price", arguments: { item: "lamps", amount: 14 } });
  });

  it("does nothing without an order, or without the tools for it", () => {
    expect(nextAction("What is 2 + 2?", tools, { results: [], errs: false })).toBeUndefined();
    expect(nextAction(order, ["calculator"], { results: [], errs: false })).toBeUndefined();
  });
});

describe("the solver as a judge", () => {
  const grades = ["correct", "incorrect"];
  const causes = ["factual_error", "hallucination", "wrong_format", "refusal", "incorrect"];
  const verdict = (allowed: string[], expected: string, answer: string, errs = false): unknown =>
    JSON.parse(judge(JSON.stringify({ allowed, question: "", expected, answer }), errs) ?? "{}").verdict;

  it.each([
    [grades, "48 eggs", "That makes 48", "correct"],
    [grades, "48 eggs", "49", "incorrect"],
    [grades, "sun | moon", "The Moon!", "correct"],
    [grades, "sun", "sunflower", "incorrect"],
    [causes, "4", "5", "factual_error"],
    [causes, "4", "I can't say", "refusal"],
    [causes, "4", "It is 4 I think", "wrong_format"],
    [causes, "Paris", "Atlantis", "hallucination"],
    [causes, "ab", "ba", "incorrect"],
  ])("of %j, %j expected and %j given, chooses %s", (allowed, expected, answer, wanted) => {
    expect(verdict(allowed, expected, answer)).toBe(wanted);
    expect(verdict(allowed, expected, answer, true)).not.toBe(wanted);
  });

  it("judges nothing but what is put to it", () => {
    expect(judge("What is 2 + 2?", false)).toBeUndefined();
    expect(judge('{"answer": "4"}', false)).toBeUndefined();
  });
});
