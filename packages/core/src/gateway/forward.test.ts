import { expect, it } from "vitest";
import { readAnswer } from "./forward.ts";

/** An answer with that body. */
function answering(text: string) {
  async function* body(): AsyncGenerator<Uint8Array> {
    yield Buffer.from(text);
  }
  return { status: 200, headers: {}, body: body() };
}

it("learns from an answer what it used and how it stopped", async () => {
  const choices = [{ message: { content: "42" }, finish_reason: "stop" }];
  const text = JSON.stringify({ choices, usage: { prompt_tokens: 3, completion_tokens: 1 } });
  const { observer } = await readAnswer(answering(text), undefined);
  expect(observer).toMatchObject({ stopReason: "stop", answerBytes: 2, usage: { inputTokens: 3 } });
});

it.each(["", "[]", "<html>", `{"choices": ${"[".repeat(50_000)}${"]".repeat(50_000)}}`])(
  "cannot read what is no JSON object, or nested too deep: %.20s",
  async (text) => {
    await expect(readAnswer(answering(text), undefined)).rejects.toMatchObject({
      code: "upstream_unreadable",
    });
  },
);
