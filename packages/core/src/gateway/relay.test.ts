import { describe, expect, it } from "vitest";
import { UpstreamFailed } from "../ports.ts";
import { type Relaying, type Streamed, relayEvents } from "./relay.ts";

const chunk = (content: string, finish?: string) =>
  `data: ${JSON.stringify({ id: "c1", model: "m", choices: [{ index: 0, delta: { content }, finish_reason: finish ?? null }] })}\n\n`;
const done = "data: [DONE]\n\n";

async function relay(
  pieces: readonly (string | Error)[],
  more: Partial<Relaying> = {},
): Promise<Streamed & { text: string }> {
  async function* body() {
    for (const piece of pieces) {
      if (piece instanceof Error) throw piece;
      yield new TextEncoder().encode(piece);
    }
  }
  const how = { hideUsage: true, key: undefined, maxAnswerBytes: Infinity, now: () => new Date(0), ...more };
  const events = relayEvents(body(), how);
  let text = "";
  let step = await events.next();
  for (; step.done !== true; step = await events.next()) text += Buffer.from(step.value).toString();
  return { ...step.value, text };
}

/** As a client of OpenAI's does: the data of each event, up to the end. */
function dataIn(text: string): unknown[] {
  const events = text.split("\n\n").filter((event) => event !== "");
  const data = events.map((event) => event.replace(/^data: /, ""));
  return data.filter((each) => each !== "[DONE]").map((each) => JSON.parse(each) as unknown);
}

describe("relayEvents", () => {
  it("passes a whole answer on byte for byte, however it is cut into pieces", async () => {
    const whole = `: hello\n\n${chunk("4")}${chunk("2", "stop")}${done}`;
    for (let size = 1; size < 40; size += 7) {
      const pieces = whole.match(new RegExp(`[^]{1,${size}}`, "g")) ?? [];
      expect(await relay(pieces)).toMatchObject({ text: whole, problem: undefined, cut: false });
    }
  });

  it.each([
    ["between two events", [chunk("4")]],
    ["in the middle of an event", [chunk("4"), chunk("2").slice(0, 20)]],
    ["in the middle of a character", [chunk("4"), 'data: {"choices":[{"delta":{"content":"\\u00']],
    ["by an error", [chunk("4"), chunk("2").slice(0, 20), new UpstreamFailed("cut", "It ended.")]],
    ["by silence", [chunk("4"), new UpstreamFailed("slow", "Nothing came.")]],
  ])("ends an answer that breaks off %s with an error that can be read", async (_where, pieces) => {
    const { text, problem } = await relay(pieces);
    expect(problem?.code).toMatch(/^upstream_(cut|slow)$/);
    expect(dataIn(text)).toMatchObject([
      { choices: [{ delta: { content: "4" } }] },
      { error: { code: problem?.code } },
    ]);
  });

  it.each([
    ["alone", {}],
    ["in a last piece of the answer", { choices: [{ index: 0, delta: {}, finish_reason: "error" }] }],
  ])(
    "takes an error that the endpoint tells %s for the end, and tells it in our words",
    async (_how, more) => {
      const told = `data: ${JSON.stringify({ ...more, error: { message: "It broke" } })}\n\n`;
      const { text, problem } = await relay([chunk("4"), told, done]);
      expect(problem).toMatchObject({ code: "upstream_failed", retry: true });
      expect(dataIn(text)).toMatchObject([
        { choices: [{ delta: { content: "4" } }] },
        {
          error: {
            code: "upstream_failed",
            message: "The model's endpoint answered with an error: It broke.",
          },
        },
      ]);
    },
  );

  it.each([
    ["a blank line", chunk("42", "stop") + done.trimEnd()],
    ["its mark", chunk("42", "stop")],
  ])("takes an answer for whole that ends without %s", async (_what, whole) => {
    const { text, problem } = await relay([whole]);
    expect(problem).toBeUndefined();
    expect(dataIn(text)).toHaveLength(1);
  });

  it("ends an answer that is too long as an endpoint does that meets a limit", async () => {
    const pieces = ["123", "456", "789"].map((content) => chunk(content));
    const { text, cut, problem, observer } = await relay([...pieces, done], { maxAnswerBytes: 5 });
    expect({ cut, problem, stopReason: observer.stopReason }).toEqual({
      cut: true,
      problem: undefined,
      stopReason: "length",
    });
    expect(text.endsWith(done)).toBe(true);
    expect(dataIn(text).at(-1)).toEqual({
      id: "c1",
      model: "m",
      choices: [{ index: 0, delta: {}, finish_reason: "length" }],
    });
    expect(dataIn(text)).toHaveLength(3);
  });

  it("breaks off before an event that holds the key", async () => {
    const key = "a-secret-of-24-characters";
    const { text, problem } = await relay([chunk("4"), chunk(`You sent ${key}.`), done], { key });
    expect(problem?.code).toBe("upstream_unreadable");
    expect(text).not.toContain(key);
    expect(dataIn(text)).toHaveLength(2);
  });

  it("takes what is no stream of events for one that broke off", async () => {
    const { text, problem } = await relay(["<html>", "x".repeat(9 * 1024 * 1024)]);
    expect(problem?.code).toBe("upstream_cut");
    expect(dataIn(text)).toHaveLength(1);
  });
});
