import { describe, expect, it } from "vitest";
import { problemOfAnswer } from "./upstream-answer.ts";

const key = "abcdef-0123456789";

describe("problemOfAnswer", () => {
  it.each([
    [401, "upstream_key_refused"],
    [403, "upstream_key_refused"],
    [429, "upstream_rate_limited"],
    [302, "upstream_redirected"],
    [400, "upstream_rejected"],
    [404, "upstream_rejected"],
    [500, "upstream_failed"],
    [503, "upstream_failed"],
  ])("calls %d %s", (status, code) => {
    expect(problemOfAnswer(status, "")?.code).toBe(code);
  });

  it("finds nothing wrong with a success", () => {
    expect(problemOfAnswer(200, "")).toBeUndefined();
  });

  it("passes on what the endpoint says, without the key in it", () => {
    const said = JSON.stringify({ error: { message: `No model for ${key} or sk-ab***yz.` } });
    expect(problemOfAnswer(400, said, key)?.message).toBe(
      "The model's endpoint rejected the call (HTTP 400): No model for *** or ***",
    );
    expect(problemOfAnswer(500, `<html>${key}</html>`, key)?.message).not.toContain(key);
  });
});
