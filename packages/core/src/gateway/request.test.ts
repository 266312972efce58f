import { describe, expect, it } from "vitest";
import { GatewayRefusal } from "./refusal.ts";
import { checkCall, maxRequestBytes, withOutputLimit } from "./request.ts";

const bytes = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
const check = (value: object) => {
  const call = checkCall("chat/completions", bytes(value), "real-model");
  return { ...call, sent: JSON.parse(new TextDecoder().decode(call.body)) as Record<string, unknown> };
};

describe("checkCall", () => {
  it("puts the run's model in, whatever was asked for", () => {
    expect(check({ model: "a-dearer-one", messages: [] }).sent).toEqual({
      model: "real-model",
      messages: [],
    });
  });

  it("refuses what is nested too deep to be worked with, as it refuses what is no JSON", () => {
    for (const body of [`{"messages": ${"[".repeat(50_000)}${"]".repeat(50_000)}}`, "no JSON"]) {
      const call = () => checkCall("chat/completions", new TextEncoder().encode(body), "real-model");
      expect(call).toThrow(GatewayRefusal);
      expect(call).toThrow("no JSON object, or nested deeper than 200 levels");
    }
  });

  it("keeps every field it does not know, and takes the dearer tier out", () => {
    const { sent } = check({ messages: [], temperature: 0, service_tier: "priority", custom: { a: [1] } });
    expect(sent).toEqual({ model: "real-model", messages: [], temperature: 0, custom: { a: [1] } });
  });

  it("asks a stream for its usage, and hides it from who did not ask", () => {
    const unasked = check({ stream: true, stream_options: { include_obfuscation: false } });
    expect(unasked.sent["stream_options"]).toEqual({ include_obfuscation: false, include_usage: true });
    expect(unasked.hideUsage).toBe(true);
    expect(check({ stream: true, stream_options: { include_usage: true } }).hideUsage).toBe(false);
    expect(check({ stream: false }).sent).not.toHaveProperty("stream_options");
  });

  it("reads how many answers it asks for, and how it limits them", () => {
    expect(check({ max_tokens: 100 })).toMatchObject({ outputLimit: 100, answers: 1 });
    expect(check({ max_completion_tokens: 50, n: 3 })).toMatchObject({ outputLimit: 50, answers: 3 });
    expect(check({}).outputLimit).toBeUndefined();
    expect(checkCall("embeddings", bytes({ input: "x" }), "m").outputLimit).toBe(0);
  });

  it("takes a limit by either name, and keeps the rest as it was", () => {
    const call = checkCall("chat/completions", bytes({ messages: [], seed: 1 }), "m");
    const sent = withOutputLimit(call, "max_completion_tokens", 20);
    expect(JSON.parse(new TextDecoder().decode(sent))).toEqual({
      model: "m",
      messages: [],
      seed: 1,
      max_completion_tokens: 20,
    });
  });

  it.each([
    ["no JSON", new TextEncoder().encode("{")],
    ["no object", bytes([1])],
    ["a negative limit", bytes({ max_tokens: -1 })],
    ["a stream that is no boolean", bytes({ stream: "yes" })],
    ["too many answers", bytes({ n: 1e9 })],
    ["too many bytes", new Uint8Array(maxRequestBytes + 1)],
  ])("refuses %s", (_name, body) => {
    expect(() => checkCall("chat/completions", body, "m")).toThrow(GatewayRefusal);
  });
});
