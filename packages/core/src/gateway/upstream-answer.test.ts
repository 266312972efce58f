import { describe, expect, it } from "vitest";
import { isAboutLimit, problemInAnswer, problemOfAnswer, retryAfterOf } from "./upstream-answer.ts";

const key = "abcdef-0123456789";

describe("problemOfAnswer", () => {
  it.each([
    [401, "upstream_key_refused"],
    [403, "upstream_key_refused"],
    [402, "upstream_unpaid"],
    [408, "upstream_failed"],
    [409, "upstream_failed"],
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
      "The model's endpoint rejected the call (HTTP 400): No model for *** or ***.",
    );
    expect(problemOfAnswer(500, `<html>${key}</html>`, key)?.message).not.toContain(key);
  });

  it("tells an account without credit from a rate that is too high", () => {
    const error = { message: "You exceeded your current quota!", code: "insufficient_quota" };
    expect(problemOfAnswer(429, JSON.stringify({ error }))).toMatchObject({
      code: "upstream_unpaid",
      message: "The model's endpoint wants to be paid (HTTP 429): You exceeded your current quota!",
    });
  });

  it.each(["", "null", "[]", "42", '{"error": null}', '{"error": 7}', '{"error": {"message": ""}}'])(
    "makes a whole sentence of %j",
    (body) => {
      expect(problemOfAnswer(500, body)?.message).toMatch(/^The model's endpoint failed \(HTTP 500\).*\.$/);
    },
  );
});

describe("problemInAnswer", () => {
  it.each([
    [{ error: { message: "It broke." } }, true],
    [{ error: "It broke." }, true],
    [{ error: {} }, true],
    [{ error: { message: "It broke." }, choices: [{ finish_reason: "error" }] }, true],
    [{ error: null }, false],
    [{ error: {}, choices: [] }, false],
    [{ error: "", data: [] }, false],
    [{ choices: [] }, false],
  ])("of %j is %j", (answer, expected) => {
    expect(problemInAnswer(answer, JSON.stringify(answer)) !== undefined).toBe(expected);
  });
});

describe("retryAfterOf", () => {
  const now = new Date("2026-01-01T00:00:00Z");

  it.each([
    ["7", "7"],
    ["0", "0"],
    ["999999999", "3600"],
    ["Thu, 01 Jan 2026 00:00:30 GMT", "30"],
    ["Wed, 31 Dec 2025 23:59:00 GMT", "0"],
    ["1.5e9", undefined],
    ["-1", undefined],
    ["soon", undefined],
    ["", undefined],
    [undefined, undefined],
  ])("reads %j as %j", (header, seconds) => {
    expect(retryAfterOf(header, now)).toBe(seconds);
  });
});

describe("isAboutLimit", () => {
  it.each([
    [400, "Unsupported parameter: 'max_tokens' is not supported with this model.", true],
    [422, "max_completion_tokens: Extra inputs are not permitted", true],
    [400, "'messages' is too long.", false],
    [500, "max_tokens made it break", false],
  ])("of HTTP %d, %j is %j", (status, message, expected) => {
    const problem = problemOfAnswer(status, JSON.stringify({ error: { message } }));
    expect(problem && isAboutLimit(problem)).toBe(expected);
  });
});
