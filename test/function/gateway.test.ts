/** The gateway's function over stand-ins for AWS, behind a server that keeps the contract of Lambda's streaming. */
import { once } from "node:events";
import { subscribe, unsubscribe } from "node:diagnostics_channel";
import { type ClientRequest, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createSecrets } from "@benchgen/aws/secret/secrets.ts";
import { secretsClient } from "@benchgen/aws/client.ts";
import { type GatewayAccess, gatewayToken, grantOperation } from "@benchgen/core/gateway/access.ts";
import { eachCall, loadTotals } from "@benchgen/core/gateway/call.ts";
import { modelSecret } from "@benchgen/core/model/record.ts";
import { createIds } from "@benchgen/core/port/id.ts";
import { startSolver } from "@benchgen/cli/solver/server.ts";
import { afterAll, afterEach, describe, expect, it, vi } from "vitest";
import { until } from "../support/api.ts";
import { standInSettings } from "../support/aws/stand-in.ts";
import { startHeldEndpoint } from "../support/gateway.ts";
import { startFunctionUrl } from "../support/deployment/function-url.ts";
import { installStreaming, runStreaming } from "../support/deployment/streaming-runtime.ts";
import { openDeployment } from "./deployment.ts";

interface Asked {
  readonly stream?: boolean;
  /** As OpenAI's clients count them. */
  readonly retries?: number;
  readonly signal?: AbortSignal | null;
}

/** Queries that anybody in this process asks of DynamoDB from now on. */
function countQueries() {
  let count = 0;
  const channel = "http.client.request.start";
  const see = (message: unknown) => {
    const { request } = message as { request: ClientRequest };
    if (String(request.getHeader("x-amz-target")).endsWith(".Query")) count++;
  };
  subscribe(channel, see);
  return { count: () => count, end: () => unsubscribe(channel, see) };
}

const ids = createIds();
const key = "sk-very-secret-0123456789";
const deployment = await openDeployment();

if (typeof deployment === "string") {
  it("NOT TESTED: the gateway's function, for want of a stand-in", ({ skip }) => skip(deployment));
} else {
  const { table } = deployment;
  const endpoints = JSON.parse(process.env["BENCHGEN_AWS_ENDPOINTS"]!) as { secretsmanager: string };
  const client = secretsClient({ ...standInSettings, endpoint: endpoints.secretsmanager });
  const secrets = createSecrets({ client, prefix: "benchgen/test/" });
  installStreaming();

  /** The function as a fresh process has it. */
  const cold = async () => {
    vi.resetModules();
    const { handler } = await import("../../packages/functions/src/gateway.ts");
    return startFunctionUrl((event, onBytes) =>
      runStreaming(handler, { event, context: { awsRequestId: "request" }, onBytes }),
    );
  };
  const gateway = await cold();
  const solver = await startSolver({ key });
  const printed: string[] = [];
  const stdout = vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    printed.push(String(text));
    return true;
  });
  afterEach(() => void printed.splice(0));
  afterAll(async () => {
    stdout.mockRestore();
    await Promise.all([gateway.close(), solver.close()]);
    await deployment.close();
  });

  /** A run that may call the model. */
  const open = async ({
    baseUrl = solver.url,
    budget = {},
  }: { baseUrl?: string; budget?: GatewayAccess["budget"] } = {}) => {
    const [runId, modelId] = [ids.next("run"), ids.next("mod")];
    const token = gatewayToken(ids.token(), "ingestion");
    await secrets.put(modelSecret(modelId), key);
    const access: GatewayAccess = {
      runId,
      taskIndex: 0,
      program: "ingestion",
      grant: { modelId, name: "solver", baseUrl, model: "solver-1", hasKey: true },
      budget,
      expiresAt: "2999-01-01T00:00:00.000Z",
    };
    await table.write([grantOperation(token, access)]);
    return {
      token,
      ask: (prompt: string, { stream = false, retries = 0, signal = null }: Asked = {}) =>
        fetch(`${gateway.url}gateway/v1/chat/completions`, {
          method: "POST",
          headers: {
            authorization: `Bearer ${token}`,
            "content-type": "application/json",
            "x-stainless-retry-count": String(retries),
          },
          body: JSON.stringify({ messages: [{ role: "user", content: prompt }], stream }),
          signal,
        }),
      calls: () => Array.fromAsync(eachCall({ table }, runId, 0)),
      totals: () => loadTotals({ table }, runId),
    };
  };
  const direct = async (prompt: string, more: object) => {
    const response = await fetch(`${solver.url}/chat/completions`, {
      method: "POST",
      headers: { authorization: `Bearer ${key}` },
      body: JSON.stringify({ model: "solver-1", messages: [{ role: "user", content: prompt }], ...more }),
    });
    return response.text();
  };
  const errorOf = async (response: Response) => {
    const { error } = (await response.json()) as { error: { code: string } };
    expect(JSON.stringify(error)).not.toContain(key);
    return { status: response.status, code: error.code };
  };

  describe("the gateway's function", () => {
    it("streams an answer byte for byte, with the model's real key, and measures it", async () => {
      const { ask, calls } = await open();
      const prompt = 'Reverse "abcdefghijklmnopqrstuvwxyz"';
      const response = await ask(prompt, { stream: true });
      expect(response.headers.get("content-type")).toBe("text/event-stream");
      expect(await response.text()).toBe(await direct(prompt, { stream: true }));
      expect(await calls()).toMatchObject([{ streamed: true, usage: { inputTokens: 9, outputTokens: 7 } }]);
    });

    it("passes each piece on before the model has given the next", async () => {
      const seen = Promise.withResolvers<void>();
      const event = (data: object | string) =>
        `data: ${typeof data === "string" ? data : JSON.stringify(data)}\n\n`;
      const piece = (content: string) => event({ choices: [{ index: 0, delta: { content } }] });
      const model = createServer((_request, response) => {
        response.writeHead(200, { "content-type": "text/event-stream" }).write(piece("first"));
        void seen.promise.then(() => response.end(piece("second") + event("[DONE]")));
      });
      model.listen(0, "127.0.0.1");
      await once(model, "listening");
      const { ask } = await open({ baseUrl: `http://127.0.0.1:${(model.address() as AddressInfo).port}/v1` });
      const { body } = await ask("?", { stream: true });
      const reader = body!.pipeThrough(new TextDecoderStream()).getReader();
      expect((await reader.read()).value).toBe(piece("first"));
      seen.resolve();
      let rest = "";
      for (let step = await reader.read(); !step.done; step = await reader.read()) rest += step.value;
      expect(rest).toBe(piece("second") + event("[DONE]"));
      model.close();
    });

    it("goes on when the client leaves: the call ends, is measured, and holds nothing of the budget", async () => {
      const { ask, calls, totals } = await open({ budget: { tokens: 1000 } });
      const gone = new AbortController();
      const { body } = await ask('Reverse "abcdefghijklmnopqrstuvwxyz"', {
        stream: true,
        signal: gone.signal,
      });
      await body!.getReader().read();
      gone.abort();
      await until(totals, ({ calls }) => calls === 1);
      expect(await calls()).toMatchObject([{ usage: { outputTokens: 7 }, stopReason: "stop" }]);
      expect((await totals()).heldTokens).toBe(16);
    });

    it.each([{}, { stream: true }])(
      "gives a client's second try the answer of its first, which is still under way: %j",
      async (more) => {
        const held = await startHeldEndpoint(solver.url);
        const { ask, calls } = await open({ baseUrl: held.url });
        const gone = new AbortController();
        const first = ask("What is 6 * 7?", { ...more, signal: gone.signal });
        await until(
          async () => held.asked(),
          (count) => count === 1,
        );
        gone.abort();
        await expect(first).rejects.toThrow("aborted");
        // Once it looks again it has found the first, and waits for it.
        const looks = countQueries();
        const second = ask("What is 6 * 7?", { ...more, retries: 1 });
        await until(
          async () => looks.count(),
          (count) => count >= 2,
        );
        looks.end();
        held.release();
        expect(await (await second).text()).toContain("42");
        expect(held.asked()).toBe(1);
        expect(await calls()).toHaveLength(1);
        // Of a call that has ended its client may have the answer: repeats of a case are alike.
        await (await ask("What is 6 * 7?", { ...more, retries: 1 })).text();
        expect(held.asked()).toBe(2);
        await held.close();
      },
    );

    it("answers what is not streamed, and lists the one model", async () => {
      const { ask, token } = await open();
      expect(await (await ask("What is 6 * 7?")).json()).toMatchObject({
        choices: [{ message: { content: "42" } }],
      });
      const models = await fetch(`${gateway.url}gateway/v1/models`, {
        headers: { authorization: `Bearer ${token}` },
      });
      expect(await models.json()).toMatchObject({ data: [{ id: "solver-1" }] });
    });

    it("refuses what is over the budget, and strangers", async () => {
      const { ask } = await open({ budget: { tokens: 0 } });
      expect(await errorOf(await ask("?"))).toEqual({ status: 429, code: "budget_exhausted" });
      for (const headers of [{}, { authorization: "Bearer bgm_unknown" }]) {
        const response = await fetch(`${gateway.url}gateway/v1/models`, { headers });
        expect(await errorOf(response)).toEqual({ status: 401, code: "token_invalid" });
      }
    });

    it.each(["gateway/v1/files", "gateway/v2/models", "runs", "jobs/self/spec", "health", ""])(
      "serves models alone, not /%s",
      async (path) => {
        const { token } = await open();
        const response = await fetch(gateway.url + path, { headers: { authorization: `Bearer ${token}` } });
        expect(await errorOf(response)).toEqual({ status: 404, code: "not_supported" });
      },
    );

    it("sends nothing to an address inside", async () => {
      const { ask, calls } = await open({ baseUrl: "https://10.0.0.1/v1" });
      expect(await errorOf(await ask("?"))).toEqual({ status: 502, code: "upstream_refused" });
      expect(await calls()).toMatchObject([{ error: { code: "upstream_refused" } }]);
    });

    it("writes one line of the log for a call, with nothing in it that was said", async () => {
      const { ask, token } = await open();
      await (await ask("What is 6 * 7?")).text();
      const lines = printed.map((line) => JSON.parse(line) as object);
      expect(lines).toEqual([
        {
          level: "info",
          message: "gateway",
          method: "POST",
          path: "/gateway/v1/chat/completions",
          status: 200,
          requestId: "request",
          ms: expect.any(Number) as number,
        },
      ]);
      for (const secret of [token, key, "6 * 7"]) expect(printed.join("")).not.toContain(secret);
    });

    it("says that it failed when it cannot begin, and tries again with the next call", async () => {
      const { token } = await open();
      const prefix = process.env["BENCHGEN_SECRET_PREFIX"]!;
      const fresh = await cold();
      const models = () =>
        fetch(`${fresh.url}gateway/v1/models`, { headers: { authorization: `Bearer ${token}` } });
      delete process.env["BENCHGEN_SECRET_PREFIX"];
      expect(await errorOf(await models())).toEqual({ status: 500, code: "internal_error" });
      expect(printed.join("")).toContain("BENCHGEN_SECRET_PREFIX");
      process.env["BENCHGEN_SECRET_PREFIX"] = prefix;
      expect((await models()).status).toBe(200);
      await fresh.close();
    });
  });
}
