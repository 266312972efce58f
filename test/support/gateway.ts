/** A model, a run that may call it, and its program: what tests of the gateway begin with. */
import { randomBytes } from "node:crypto";
import assert from "node:assert/strict";
import { type IncomingMessage, type RequestListener, type ServerResponse, createServer } from "node:http";
import { buffer } from "node:stream/consumers";
import { type GatewayAccess, gatewayToken, grantOf, grantOperation } from "@benchgen/core/gateway/access.ts";
import type { Budget, Totals } from "@benchgen/core/gateway/budget.ts";
import { type Call, eachCall, loadTotals } from "@benchgen/core/gateway/call.ts";
import { createGatewayApp } from "@benchgen/api/gateway-app.ts";
import { loadModel } from "@benchgen/core/model/record.ts";
import type { RunId } from "@benchgen/core/wire/id.ts";
import { type UpstreamOptions, createUpstream } from "@benchgen/local/upstream/upstream.ts";
import type { TestApi } from "./api.ts";
import { type Listening, listen, serveFetch } from "./http.ts";

export const modelKey = "sk-very-secret-0123456789";
/** A tenth of a cent a token: a million billionths of a dollar. */
export const modelPrices = { input: 1000, output: 1000, version: "2026-01" };

export interface Scene {
  readonly runId: RunId;
  readonly token: string;
  readonly modelName: string;
  readonly access: GatewayAccess;
  /** Asks as a program does. `path` is below the gateway's. */
  readonly post: (
    path: string,
    body: object,
    headers?: Record<string, string>,
    signal?: AbortSignal,
  ) => Promise<Response>;
  /** A chat completion of one message. */
  readonly ask: (
    prompt: string,
    more?: object,
    headers?: Record<string, string>,
    signal?: AbortSignal,
  ) => Promise<Response>;
  readonly calls: () => Promise<Call[]>;
  readonly totals: () => Promise<Totals>;
}

export interface SceneOptions {
  readonly budget?: Budget;
  /** What else is said of the model. Default: its prices. */
  readonly model?: object;
  /** Where programs reach the gateway. Default: in this process. */
  readonly gatewayUrl?: string | undefined;
}

let models = 0;

/** Adds a model at that URL, and lets a run call it. */
export async function openScene(
  api: TestApi,
  author: string,
  baseUrl: string,
  { budget = {}, model = { prices: modelPrices }, gatewayUrl }: SceneOptions = {},
): Promise<Scene> {
  models += 1;
  const modelName = `model-${models}`;
  const body = { name: modelName, baseUrl, model: "solver-1", key: modelKey, ...model };
  assert.equal((await api.call("POST", "/models", { token: author, body })).status, 201);
  const { ports } = api.local;
  const runId = ports.ids.next("run");
  const token = gatewayToken(randomBytes(8).toString("hex"), "ingestion");
  const access: GatewayAccess = {
    runId,
    taskIndex: 0,
    program: "ingestion",
    grant: grantOf(await loadModel(ports.table, "lab", modelName)),
    budget,
    expiresAt: "2999-01-01T00:00:00.000Z",
  };
  await ports.table.write([grantOperation(token, access)]);
  const send = gatewayUrl === undefined ? api.fetch : fetch;
  const post: Scene["post"] = async (path, json, headers = {}, signal?) =>
    send(
      new Request(`${gatewayUrl ?? "http://benchgen.invalid"}/gateway/v1/${path}`, {
        method: "POST",
        headers: { authorization: `Bearer ${token}`, ...headers },
        body: JSON.stringify(json),
        ...(signal === undefined ? {} : { signal }),
      }),
    );
  return {
    runId,
    token,
    modelName,
    access,
    post,
    ask: (prompt, more = {}, headers = {}, signal?) => {
      const messages = [{ role: "user", content: prompt }];
      return post("chat/completions", { model: "any", messages, ...more }, headers, signal);
    },
    calls: () => Array.fromAsync(eachCall(ports, runId, 0)),
    totals: () => loadTotals(ports, runId),
  };
}

/** Code, status and whether to try again, of the gateway's errors. The key is in none of them. */
export async function errorOf(response: Response) {
  const { error } = (await response.json()) as { error: { code: string; type: string; message: string } };
  assert.ok(!JSON.stringify(error).includes(modelKey));
  return { status: response.status, retry: response.headers.get("x-should-retry"), code: error.code };
}

/** The gateway alone, as a sandbox reaches it, which waits for endpoints no longer than that. */
export async function serveGateway(api: TestApi, limits: Partial<UpstreamOptions>): Promise<Listening> {
  const unexpected: unknown[] = [];
  const ports = { ...api.local.ports, upstream: createUpstream({ allowLoopback: true, ...limits }) };
  const app = createGatewayApp({ ports, onError: (error) => unexpected.push(error) });
  const { url, close } = await serveFetch(app.fetch);
  return {
    url,
    async close() {
      await close();
      assert.deepEqual(unexpected, []);
    },
  };
}

export interface HeldEndpoint extends Listening {
  /** Requests that have come. */
  readonly asked: () => number;
  /** From now on it answers, also what came before. */
  readonly release: () => void;
}

/** An endpoint that asks another once it is let. */
export async function startHeldEndpoint(url: string): Promise<HeldEndpoint> {
  const released = Promise.withResolvers<void>();
  let asked = 0;
  const pass = async (request: IncomingMessage, response: ServerResponse) => {
    asked++;
    const [body] = await Promise.all([buffer(request), released.promise]);
    const { method = "GET", headers } = request;
    const authorization = headers.authorization ?? "";
    const answer = await fetch(`${url}/chat/completions`, { method, headers: { authorization }, body });
    response.writeHead(answer.status, { "content-type": answer.headers.get("content-type") ?? "" });
    response.end(Buffer.from(await answer.arrayBuffer()));
  };
  const endpoint = await startEndpoint((request, response) => void pass(request, response));
  return { ...endpoint, asked: () => asked, release: released.resolve };
}

/** An endpoint that does whatever the listener does. */
export async function startEndpoint(listener: RequestListener): Promise<Listening> {
  const { url, close } = await listen(createServer(listener));
  return { url: `${url}/v1`, close };
}
