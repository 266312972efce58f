/** An OpenAI-compatible server that computes its answers: for trying things out without a key, and for tests. */
import { once } from "node:events";
import { type IncomingMessage, type ServerResponse, createServer } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { listen } from "../host/listen.ts";
import { type ChatRequest, type SolverSkill, chatRequestSchema, complete, promptOf } from "./completion.ts";
import { answerChunks, answerObject } from "./wire.ts";

/** Ways in which an endpoint can fail its client. */
export const failureModes = [
  "rate_limit",
  "server_error",
  "redirect",
  "malformed",
  "no_usage",
  "cut",
  "silent",
] as const;
export type FailureMode = (typeof failureModes)[number];

export interface SolverOptions extends Partial<SolverSkill> {
  /** Default 0: any that is free. */
  readonly port?: number;
  /** Before each answer, milliseconds. */
  readonly latencyMs?: number;
  /** The key it insists on; any will do without. */
  readonly key?: string;
  /** How the call fails, if it does. `index` counts from 0. */
  readonly fail?: (call: { readonly index: number; readonly prompt: string }) => FailureMode | undefined;
}

export interface Solver {
  /** With `/v1` at its end. */
  readonly url: string;
  /** Requests for completions so far, as they came. */
  readonly calls: readonly { readonly body: ChatRequest; readonly headers: IncomingMessage["headers"] }[];
  close(): Promise<void>;
}

const maxBodyBytes = 8 * 1024 * 1024;

/** @throws CliError when the port is taken */
export async function startSolver(options: SolverOptions = {}): Promise<Solver> {
  const calls: { body: ChatRequest; headers: IncomingMessage["headers"] }[] = [];
  const over = new AbortController();
  const server = createServer((request, response) => {
    serve(request, response, { options, calls, signal: over.signal }).catch(() => response.destroy());
  });
  const host = "127.0.0.1";
  const port = await listen(server, { host, port: options.port ?? 0 });
  return {
    url: `http://${host}:${port}/v1`,
    calls,
    async close() {
      over.abort();
      const closed = once(server, "close");
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

interface Serving {
  readonly options: SolverOptions;
  readonly calls: { body: ChatRequest; headers: IncomingMessage["headers"] }[];
  readonly signal: AbortSignal;
}

async function serve(request: IncomingMessage, response: ServerResponse, serving: Serving): Promise<void> {
  const { options, calls } = serving;
  if (options.key !== undefined && request.headers.authorization !== `Bearer ${options.key}`) {
    return sendError(response, 401, "Incorrect API key provided.", "invalid_api_key");
  }
  if (request.method === "GET" && request.url === "/v1/models") {
    return sendJson(response, 200, { object: "list", data: [{ id: "solver", object: "model" }] });
  }
  if (request.method !== "POST" || request.url !== "/v1/chat/completions") {
    return sendError(response, 404, "There is nothing here.", "not_found");
  }
  const parsed = chatRequestSchema.safeParse(await readJson(request));
  if (!parsed.success) return sendError(response, 400, "That is no chat completion.", "invalid_request");
  const failure = options.fail?.({ index: calls.length, prompt: promptOf(parsed.data) });
  calls.push({ body: parsed.data, headers: request.headers });
  if ((options.latencyMs ?? 0) > 0) await sleep(options.latencyMs, undefined, { signal: serving.signal });
  await answer(response, parsed.data, { failure, serving });
}

async function answer(
  response: ServerResponse,
  request: ChatRequest,
  { failure, serving }: { failure: FailureMode | undefined; serving: Serving },
): Promise<void> {
  const { errorRate = 0, refusalRate = 0, seed = "" } = serving.options;
  switch (failure) {
    case "rate_limit":
      response.setHeader("retry-after", "1");
      return sendError(response, 429, "Slow down.", "rate_limit_exceeded");
    case "server_error":
      return sendError(response, 500, "Something broke.", "server_error");
    case "redirect":
      return void response.writeHead(307, { location: "http://127.0.0.1:1/" }).end();
    case "malformed":
      return void response.writeHead(200, { "content-type": "application/json" }).end('{"choices": [');
    case "silent":
      return void (await once(serving.signal, "abort"));
    case "cut":
    case "no_usage":
    case undefined:
  }
  const completion = complete(request, { errorRate, refusalRate, seed });
  if (request.stream === true) {
    response.writeHead(200, { "content-type": "text/event-stream" });
    const includeUsage = request.stream_options?.include_usage === true && failure !== "no_usage";
    const chunks = answerChunks(request.model, completion, includeUsage);
    if (failure === "cut") return void response.write(chunks.slice(0, 2).join(""), () => response.destroy());
    for (const chunk of chunks) response.write(chunk);
    return void response.end();
  }
  const { usage, ...bare } = answerObject(request.model, completion);
  const text = JSON.stringify(failure === "no_usage" ? bare : { ...bare, usage });
  response.writeHead(200, { "content-type": "application/json", "content-length": Buffer.byteLength(text) });
  if (failure !== "cut") return void response.end(text);
  response.write(text.slice(0, 20), () => response.destroy());
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBodyBytes) return undefined;
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString()) as unknown;
  } catch {
    return undefined;
  }
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}

function sendError(response: ServerResponse, status: number, message: string, code: string): void {
  sendJson(response, status, { error: { message, type: code, param: null, code } });
}
