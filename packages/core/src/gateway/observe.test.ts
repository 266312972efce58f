import { expect, it } from "vitest";
import { Observer } from "./observe.ts";

function seen(...values: object[]): Observer {
  const observer = new Observer();
  for (const value of values) observer.see(value);
  return observer;
}

const choice = (fields: object) => ({ choices: [fields] });

it.each([
  ["stop", [choice({ message: { content: "4", refusal: null }, finish_reason: "stop" })]],
  ["stop", [choice({ message: { content: "4", refusal: "" }, finish_reason: "stop" })]],
  ["refusal", [choice({ message: { content: null, refusal: "I cannot." }, finish_reason: "stop" })]],
  ["refusal", [choice({ delta: { refusal: "I can" } }), choice({ delta: {}, finish_reason: "stop" })]],
  ["refusal", [choice({ delta: {}, finish_reason: "stop" }), choice({ delta: { refusal: "not" } })]],
  ["length", [choice({ text: "4", finish_reason: "length" })]],
  [undefined, [choice({ delta: { content: "4" } }), {}, { choices: [null] }, { choices: "?" }]],
])("an answer ends by %s when it is %j", (stopReason, values) => {
  expect(seen(...values).stopReason).toBe(stopReason);
});

it("counts the bytes of all that an answer says", () => {
  const parts = {
    role: "assistant",
    content: "ä",
    refusal: "no",
    tool_calls: [{ function: { arguments: "{}" } }],
  };
  expect(seen(choice({ delta: parts })).answerBytes).toBe(6);
});
