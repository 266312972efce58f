/** Whose call it is: tokens of runs, their ends, and the cases that programs name. */
import { randomBytes } from "node:crypto";
import { gatewayToken, grantOf, grantOperation } from "@benchgen/core/gateway/access.ts";
import type { Call } from "@benchgen/core/gateway/call.ts";
import { caseUsageKey, gatherCalls, usageByCase } from "@benchgen/core/gateway/gather.ts";
import { loadModel } from "@benchgen/core/model/record.ts";
import { sealOperations } from "@benchgen/core/run/job-outcome.ts";
import type { RunId } from "@benchgen/core/wire/id.ts";
import { blobKey } from "@benchgen/core/wire/key.ts";
import { hashToken } from "@benchgen/core/access/token.ts";
import { type Solver, startSolver } from "@benchgen/cli/solver/server.ts";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type TestApi, openApi } from "../support/api.ts";
import { errorOf, modelKey as key, openScene, serveGateway } from "../support/gateway.ts";
import type { Listening } from "../support/http.ts";

let api: TestApi;
let author: string;
let gateway: Listening;
let solver: Solver;

beforeAll(async () => {
  api = await openApi();
  author = await api.token("ada", "author");
  gateway = await serveGateway(api, {});
});

afterAll(async () => {
  await gateway.close();
  await api.close();
});

afterEach(() => solver.close());

async function open() {
  solver = await startSolver({ key });
  return openScene(api, author, solver.url, { gatewayUrl: gateway.url });
}

const refused = { status: 401, code: "token_invalid", retry: "false" };

describe("a run's token", () => {
  it("opens its own run's model, however calls of runs are mixed", async () => {
    const [one, other] = [
      await open(),
      await openScene(api, author, solver.url, { gatewayUrl: gateway.url }),
    ];
    const asked = Array.from({ length: 20 }, (_, n) => (n % 4 === 0 ? other : one).ask(`What is ${n} * 7?`));
    for (const response of await Promise.all(asked)) expect(response.status).toBe(200);
    expect(await one.totals()).toMatchObject({ calls: 15 });
    expect(await other.totals()).toMatchObject({ calls: 5 });
    expect((await one.calls()).every(({ runId }) => runId === one.runId)).toBe(true);
  });

  it("gives no other run's second try the answer of an equal call", async () => {
    const [one, other] = [
      await open(),
      await openScene(api, author, solver.url, { gatewayUrl: gateway.url }),
    ];
    await (await one.ask("What is 6 * 7?")).text();
    const second = await other.ask("What is 6 * 7?", {}, { "x-stainless-retry-count": "1" });
    expect(second.status).toBe(200);
    expect(solver.calls).toHaveLength(2);
  });

  it("opens nothing once its job has ended", async () => {
    const { ask, token } = await open();
    expect((await ask("?")).status).toBe(200);
    const job = { tokenHash: hashToken("job"), gatewayHashes: [hashToken(token)] };
    await api.local.ports.table.write(sealOperations(job));
    expect(await errorOf(await ask("?"))).toEqual(refused);
    expect(solver.calls).toHaveLength(1);
  });

  it("opens nothing once it has expired", async () => {
    const { access } = await open();
    const token = gatewayToken(randomBytes(8).toString("hex"), "ingestion");
    const expired = { ...access, expiresAt: new Date(Date.now() - 1000).toISOString() };
    await api.local.ports.table.write([grantOperation(token, expired)]);
    const asked = fetch(`${gateway.url}/gateway/v1/models`, {
      headers: { authorization: `Bearer ${token}` },
    });
    expect(await errorOf(await asked)).toEqual(refused);
  });

  it.each([
    "",
    "Bearer",
    "Bearer ",
    "Basic YTpi",
    "Bearer bgm_",
    "Bearer ../../x",
    `Bearer ${"x".repeat(8000)}`,
  ])("is not %j", async (authorization) => {
    const { ask } = await open();
    expect(await errorOf(await ask("?", {}, { authorization }))).toEqual(refused);
  });
});

describe("a model that is removed", () => {
  it("answers none of a run's calls from the next minute on, and says why", async () => {
    const { ask, modelName, calls } = await open();
    expect((await api.call("DELETE", `/models/${modelName}`, { token: author })).status).toBe(204);
    // Twice: what is not there is not remembered as having no key.
    for (let count = 0; count < 2; count++) {
      expect(await errorOf(await ask("?"))).toEqual({
        status: 502,
        code: "upstream_key_refused",
        retry: "false",
      });
    }
    expect((await calls())[0]?.error?.message).toContain(`"${modelName}" was removed`);
    expect(solver.calls).toHaveLength(0);
  });

  it("and added anew under its name is no model of runs that had the first", async () => {
    const { ask, modelName } = await open();
    await api.call("DELETE", `/models/${modelName}`, { token: author });
    const body = { name: modelName, baseUrl: solver.url, model: "solver-1", key };
    expect((await api.call("POST", "/models", { token: author, body })).status).toBe(201);
    expect(await errorOf(await ask("?"))).toMatchObject({ code: "upstream_key_refused" });
    const grant = grantOf(await loadModel(api.local.ports.table, "lab", modelName));
    expect(grant.hasKey).toBe(true);
  });
});

describe("a case's name", () => {
  it.each([
    ["q1", "q1"],
    ["q%2F%C3%BC", "q/ü"],
    ["%00%1b%5b2J%0a", "\u0000\u001B[2J\n"],
    ["100%", "100%"],
    ["%ff", "%ff"],
    ["../../etc/passwd", "../../etc/passwd"],
    ["#RUN#x", "#RUN#x"],
    ["__proto__", "__proto__"],
    ["x".repeat(5000), "x".repeat(1000)],
    [encodeURIComponent(`${"x".repeat(999)}😀`), `${"x".repeat(999)}\uFFFD`],
    ["", undefined],
  ])("%s is measured as %j", async (header, id) => {
    const { ask, calls, runId } = await open();
    const response = await ask("What is 6 * 7?", {}, { "x-case-id": header });
    expect(response.status).toBe(200);
    expect((await calls())[0]?.caseId).toBe(id);
    await gatherCalls(api.local.ports, runId, 0);
    const measured = await usageByCase(api.local.ports, runId, 0);
    if (id === undefined) expect(measured.size).toBe(0);
    else expect(measured.get(caseUsageKey(id, 1))).toMatchObject({ calls: 1 });
  });

  it("that is longer than headers may be is refused before anything is asked", async () => {
    const { ask, calls } = await open();
    expect((await ask("?", {}, { "x-case-id": "x".repeat(100_000) })).status).toBe(431);
    expect(await calls()).toHaveLength(0);
  });

  it.each(["0", "-1", "1e9", "99999999", "NaN", "1.5"])("has no repeat %s", async (epoch) => {
    const { ask, calls } = await open();
    await (await ask("?", {}, { "x-case-id": "q1", "x-case-epoch": epoch })).text();
    expect((await calls())[0]).toMatchObject({ caseId: "q1", epoch: 1 });
  });

  it("has what its last call came to, in whatever order the calls are kept", async () => {
    const { ports } = api.local;
    const error = { code: "upstream_cut", message: "It ended." };
    const turns = [
      { startedAt: "2026-01-01T00:00:01.000Z", stopReason: "tool_calls" },
      { startedAt: "2026-01-01T00:00:02.000Z", error },
      { startedAt: "2026-01-01T00:00:03.000Z", stopReason: "stop" },
    ] as const;
    const measured = async (kept: readonly Partial<Call>[]) => {
      const runId = ports.ids.next("run");
      const lines = kept
        .map((turn) => `${JSON.stringify(callOf(runId, { caseId: "q1", ...turn }))}\n`)
        .join("");
      await ports.blobs.put(blobKey.calls(runId, 0), new TextEncoder().encode(lines));
      return (await usageByCase(ports, runId, 0)).get(caseUsageKey("q1", 1));
    };
    const [first, second, third] = turns;
    for (const kept of [turns, turns.toReversed(), [third, first, second]])
      expect(await measured(kept)).toMatchObject({ calls: 3, stopReason: "stop", error: undefined });
    for (const kept of [
      [first, second],
      [second, first],
    ])
      expect(await measured(kept)).toMatchObject({ calls: 2, stopReason: "tool_calls", error });
  });

  it("may be another for each of very many calls", async () => {
    const { ports } = api.local;
    const runId = ports.ids.next("run");
    const lines = Array.from({ length: 20_000 }, (_, n) => {
      const caseId = "x".repeat(900) + n;
      return `${JSON.stringify(callOf(runId, { caseId }))}\n`;
    }).join("");
    await ports.blobs.put(blobKey.calls(runId, 0), new TextEncoder().encode(lines));
    const measured = await usageByCase(ports, runId, 0);
    expect(measured.size).toBe(20_000);
    expect(Math.max(...[...measured.keys()].map(({ length }) => length))).toBeLessThan(100);
  });
});

/** A call as it is kept, with those fields. */
function callOf(runId: RunId, fields: Partial<Call>): Call {
  return {
    id: api.local.ports.ids.next("call"),
    runId,
    taskIndex: 0,
    program: "ingestion",
    operation: "chat/completions",
    epoch: 1,
    model: "m",
    startedAt: "2026-01-01T00:00:00.000Z",
    retries: 0,
    streamed: false,
    latencyMs: 1,
    ...fields,
  };
}
