/** Calls that are let in, last, end or die, over the real table, by a clock that the test sets. */
import { admit } from "@benchgen/core/gateway/admit.ts";
import type { Budget } from "@benchgen/core/gateway/budget.ts";
import type { Call } from "@benchgen/core/gateway/call.ts";
import { checkCall } from "@benchgen/core/gateway/request.ts";
import { slotMs } from "@benchgen/core/gateway/reservation.ts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type TestApi, openApi } from "../support/api.ts";
import { openScene } from "../support/gateway.ts";

let api: TestApi;
let author: string;

beforeAll(async () => {
  api = await openApi();
  author = await api.token("ada", "author");
});

afterAll(() => api.close());

/** A run, and calls of it that only begin and end: nobody is asked. */
async function open(budget: Budget) {
  const { access, totals } = await openScene(api, author, "http://127.0.0.1:9/v1", { budget });
  let now = Date.parse("2026-01-01T00:00:00Z");
  const ports = { table: api.local.ports.table, clock: { now: () => new Date(now) } };
  const begin = async (maxTokens: number, signal = new AbortController().signal) => {
    const body = new TextEncoder().encode(JSON.stringify({ max_tokens: maxTokens }));
    const checked = checkCall("chat/completions", body, "solver-1");
    const call: Call = {
      id: api.local.ports.ids.next("call"),
      runId: access.runId,
      taskIndex: 0,
      program: "ingestion",
      operation: "chat/completions",
      epoch: 1,
      model: "solver-1",
      startedAt: ports.clock.now().toISOString(),
      retries: 0,
      streamed: false,
    };
    const { lease } = await admit(ports, { access, checked, call, fingerprint: call.id, signal });
    return {
      renew: () => lease.renew(),
      end: (outputTokens: number) => {
        const usage = { inputTokens: 0, cachedInputTokens: 0, outputTokens, reasoningTokens: 0 };
        return lease.end({ ...call, usage }, { calls: 1, tokens: outputTokens, costNano: 0 }, undefined);
      },
    };
  };
  const wait = (ms: number) => void (now += ms);
  return { begin, wait, totals };
}

/** What the prompt of these calls is reckoned as, by its length. */
const prompt = 5;

describe("a call under way", () => {
  it("holds what it may take until it ends, then what it took", async () => {
    const { begin, totals } = await open({ tokens: 100 });
    const call = await begin(50);
    expect(await totals()).toMatchObject({ heldCalls: 1, heldTokens: 50 + prompt });
    await call.end(20);
    expect(await totals()).toMatchObject({ heldTokens: 20, outputTokens: 20, evenTokens: 0, oddTokens: 0 });
  });

  it("keeps it for as long as it lasts", async () => {
    const { begin, wait, totals } = await open({ tokens: 100 });
    const call = await begin(80);
    for (let look = 0; look < 30; look++) {
      wait(slotMs / 3);
      await call.renew();
    }
    const other = begin(15);
    await call.end(80);
    await (await other).end(15);
    expect(await totals()).toMatchObject({ heldTokens: 95, outputTokens: 95, evenTokens: 0, oddTokens: 0 });
  });

  it("whose process died gives it back to a call that waits", async () => {
    const { begin, wait, totals } = await open({ tokens: 100 });
    await begin(80);
    const next = begin(80);
    wait(2 * slotMs);
    await (await next).end(80);
    expect(await totals()).toMatchObject({ heldCalls: 2, heldTokens: 80 });
  });

  it("that was given up, and ends all the same, is counted as what it took", async () => {
    const { begin, wait, totals } = await open({ tokens: 100 });
    const silent = await begin(80);
    wait(2 * slotMs);
    await silent.renew();
    const next = await begin(80);
    await silent.end(80);
    await next.end(10);
    expect(await totals()).toMatchObject({ heldTokens: 90, outputTokens: 90, evenTokens: 0, oddTokens: 0 });
    await expect(begin(10)).rejects.toMatchObject({ code: "budget_exhausted" });
  });

  it("is refused in the end when others hold all the room for minutes", async () => {
    const { begin, wait, totals } = await open({ tokens: 100 });
    const call = await begin(80);
    const waiting = begin(80).catch((error: unknown) => error);
    for (let look = 0; look < 25; look++) {
      wait(slotMs / 3);
      await call.renew();
    }
    expect(await waiting).toMatchObject({ code: "budget_exhausted" });
    await call.end(80);
    expect(await totals()).toMatchObject({ heldCalls: 1, heldTokens: 80, refused: 1, endedBy: "tokens" });
  });

  it("is not begun when its client leaves while it waits for room", async () => {
    const { begin, totals } = await open({ tokens: 100 });
    await begin(80);
    const gone = new AbortController();
    const waiting = begin(80, gone.signal);
    gone.abort(new Error("gone"));
    await expect(waiting).rejects.toThrow("aborted");
    expect(await totals()).toMatchObject({ heldCalls: 1 });
  });
});
