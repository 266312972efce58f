/** Calls that are let in, last, end or die, over the real tables, by a clock that the test sets. */
import { dynamoDbClient } from "@benchgen/aws/client.ts";
import { createTable as createDynamoDbTable } from "@benchgen/aws/table/table.ts";
import type { GatewayAccess } from "@benchgen/core/gateway/access.ts";
import { admit } from "@benchgen/core/gateway/admit.ts";
import type { Budget } from "@benchgen/core/gateway/budget.ts";
import { type Call, loadTotals } from "@benchgen/core/gateway/call.ts";
import { checkCall } from "@benchgen/core/gateway/request.ts";
import { slotMs } from "@benchgen/core/gateway/reservation.ts";
import { createCursorCodec } from "@benchgen/core/port/cursor.ts";
import { createIds } from "@benchgen/core/port/id.ts";
import type { Table } from "@benchgen/core/ports.ts";
import { createTable } from "@benchgen/local/table/table.ts";
import { afterAll, describe, expect, it } from "vitest";
import { createTestTable, startDynamoDbLocal } from "../support/aws/dynamodb-local.ts";
import { standInSettings, startOrExplain } from "../support/aws/stand-in.ts";
import { temporaryDataDirectory } from "../support/data-directory.ts";

const ids = createIds();

/** A run, and calls of it that only begin and end: nobody is asked. */
function open(table: Table, budget: Budget) {
  let now = Date.parse("2026-01-01T00:00:00Z");
  const ports = { table, clock: { now: () => new Date(now) } };
  const [runId, modelId] = [ids.next("run"), ids.next("mod")];
  const model = "solver-1";
  const access: GatewayAccess = {
    runId,
    taskIndex: 0,
    program: "ingestion",
    grant: { modelId, name: "solver", baseUrl: "http://127.0.0.1:9/v1", model, hasKey: false },
    budget,
    expiresAt: "2999-01-01T00:00:00.000Z",
  };
  const begin = async (maxTokens: number, signal = new AbortController().signal) => {
    const body = new TextEncoder().encode(JSON.stringify({ max_tokens: maxTokens }));
    const checked = checkCall("chat/completions", body, model);
    const asked: Omit<Call, "startedAt"> = {
      id: ids.next("call"),
      runId,
      taskIndex: 0,
      program: "ingestion",
      operation: "chat/completions",
      epoch: 1,
      model,
      retries: 0,
      streamed: false,
    };
    const { call, lease } = await admit(ports, {
      access,
      checked,
      call: asked,
      fingerprint: asked.id,
      signal,
    });
    return {
      startedAt: call.startedAt,
      renew: () => lease.renew(),
      end: (outputTokens: number) => {
        const usage = { inputTokens: 0, cachedInputTokens: 0, outputTokens, reasoningTokens: 0 };
        return lease.end({ ...call, usage }, { calls: 1, tokens: outputTokens, costNano: 0 }, undefined);
      },
    };
  };
  const wait = (ms: number) => void (now += ms);
  return { begin, wait, totals: () => loadTotals(ports, runId) };
}

/** What the prompt of these calls is reckoned as, by its length. */
const prompt = 5;

function leaseFacts(name: string, table: Table): void {
  describe(`a call under way, on ${name}`, () => {
    it("holds what it may take until it ends, then what it took", async () => {
      const { begin, totals } = open(table, { tokens: 100 });
      const call = await begin(50);
      expect(await totals()).toMatchObject({ heldCalls: 1, heldTokens: 50 + prompt });
      await call.end(20);
      const ended = { calls: 1, heldTokens: 20, outputTokens: 20, evenTokens: 0, oddTokens: 0 };
      expect(await totals()).toMatchObject(ended);
      await call.end(50);
      expect(await totals()).toMatchObject(ended);
    });

    it("keeps it for as long as it lasts", async () => {
      const { begin, wait, totals } = open(table, { tokens: 100 });
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
      const { begin, wait, totals } = open(table, { tokens: 100 });
      await begin(80);
      const next = begin(80);
      wait(2 * slotMs);
      const { startedAt, end } = await next;
      // What it waited is not the model's latency.
      expect(startedAt).toBe("2026-01-01T00:01:00.000Z");
      await end(80);
      expect(await totals()).toMatchObject({ heldCalls: 2, heldTokens: 80 });
    });

    it("that was given up, and ends all the same, is counted as what it took", async () => {
      const { begin, wait, totals } = open(table, { tokens: 100 });
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
      const { begin, wait, totals } = open(table, { tokens: 100 });
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

    it("shares a budget with as many as there are, and none passes it", async () => {
      const { begin, totals } = open(table, { tokens: 300 });
      const calls = Array.from({ length: 20 }, async () => (await begin(40)).end(10));
      const ended = (await Promise.allSettled(calls)).filter(({ status }) => status === "fulfilled").length;
      expect(ended).toBeGreaterThanOrEqual(300 / (40 + prompt) - 1);
      expect(await totals()).toMatchObject({
        heldTokens: ended * 10,
        heldCalls: ended,
        evenTokens: 0,
        oddTokens: 0,
      });
    });

    it("is not begun when its client leaves while it waits for room", async () => {
      const { begin, totals } = open(table, { tokens: 100 });
      await begin(80);
      const gone = new AbortController();
      const waiting = begin(80, gone.signal);
      gone.abort(new Error("gone"));
      await expect(waiting).rejects.toThrow("aborted");
      expect(await totals()).toMatchObject({ heldCalls: 1 });
    });
  });
}

const data = temporaryDataDirectory();
const dynamoDb = await startOrExplain("DynamoDB Local", startDynamoDbLocal);
afterAll(async () => {
  data.close();
  await dynamoDb.close();
});

leaseFacts("SQLite", createTable(data));

if (dynamoDb.endpoint === undefined) {
  it("NOT TESTED: calls on DynamoDB, for want of DynamoDB Local", ({ skip }) => skip(dynamoDb.missing));
} else {
  const client = dynamoDbClient({ ...standInSettings, endpoint: dynamoDb.endpoint });
  await createTestTable(client, "leases");
  const cursors = createCursorCodec(Buffer.from("a secret of this test"));
  leaseFacts("DynamoDB", createDynamoDbTable({ client, tableName: "leases", cursors }));
}
