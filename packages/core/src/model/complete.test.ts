import { describe, expect, it } from "vitest";
import { type Upstream, UpstreamFailed } from "../ports.ts";
import { endpoint, gauge, question } from "./fixture.ts";
import { complete } from "./complete.ts";

const keyed = { model: { ...gauge, hasKey: true }, key: "a-secret-of-24-characters" };

const ask = ({ upstream }: { upstream: Upstream }, more: { maxOutputTokens?: number } = {}) =>
  complete({ upstream }, keyed, { messages: question, signal: new AbortController().signal, ...more });
const wantsOther = JSON.stringify({
  error: { message: "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead." },
});

describe("complete", () => {
  it("asks without a limit where none is wanted", async () => {
    const model = endpoint([200, '{"choices":[]}']);
    expect(await ask(model)).toEqual({ status: 200, answer: { choices: [] }, bytes: 14 });
    expect(model.asked).toEqual([{ model: "gauge-1", messages: question }]);
  });

  it("asks again by the limit's other name, once", async () => {
    const model = endpoint([400, wantsOther], [400, wantsOther]);
    expect(await ask(model, { maxOutputTokens: 7 })).toMatchObject({ status: 400, problem: {} });
    expect(model.asked).toMatchObject([{ max_tokens: 7 }, { max_completion_tokens: 7 }]);
  });

  it.each([
    [[401, "No."], "upstream_key_refused"],
    [[500, "No."], "upstream_failed"],
    [[200, '{"error":{"message":"No."}}'], "upstream_failed"],
    [[200, `{"you":"Bearer ${keyed.key}"}`], "upstream_unreadable"],
    [new UpstreamFailed("cut", "It ended."), "upstream_cut"],
  ] as const)("takes %j for %s", async (answer, code) => {
    const completion = await ask(endpoint(answer as [number, string]), { maxOutputTokens: 7 });
    expect(completion.problem?.code).toBe(code);
    expect(JSON.stringify(completion)).not.toContain(keyed.key);
  });

  it("calls an endpoint slow that is not waited for any longer", async () => {
    const signal = AbortSignal.abort(new Error("enough"));
    const { problem } = await complete(endpoint(new Error("enough")), keyed, { messages: question, signal });
    expect(problem?.code).toBe("upstream_slow");
  });
});
