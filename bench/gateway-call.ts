/**
 * What the gateway adds to a call: the solver's server asked directly, and through the gateway of one machine (token,
 * budget, measurement, one table), at several calls at a time, whole and streamed. Client, gateway and solver are processes
 * of their own. Run with `node bench/gateway-call.ts [CALLS]`; the numbers are in docs/benchmarks.md.
 */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { type GatewayAccess, gatewayToken, grantOperation } from "@benchgen/core/gateway/access.ts";
import { createGatewayApp } from "@benchgen/api/gateway-app.ts";
import { startSolver } from "@benchgen/cli/solver/server.ts";
import { createAdaptorServer } from "@hono/node-server";
import { openApi } from "../test/support/api.ts";

const calls = Number(process.argv[2] ?? 1000);
const concurrencies = [1, 10, 50];
/** Measured in turns: what else the machine does then meets both alike. */
const rounds = 3;

interface Endpoint {
  readonly url: string;
  readonly key: string;
}

async function serveSolver(): Promise<Endpoint> {
  return { url: (await startSolver()).url, key: "any" };
}

async function serveGateway(solverUrl: string): Promise<Endpoint> {
  const api = await openApi();
  process.once("disconnect", () => void api.close().then(() => process.exit()));
  const { ports } = api.local;
  const key = gatewayToken("bench", "ingestion");
  const access: GatewayAccess = {
    runId: ports.ids.next("run"),
    taskIndex: 0,
    program: "ingestion",
    grant: {
      modelId: ports.ids.next("mod"),
      name: "solver",
      baseUrl: solverUrl,
      model: "solver-1",
      prices: { input: 1, output: 1, version: "bench" },
      hasKey: false,
    },
    budget: { tokens: 1e12, costNano: 1e15 },
    expiresAt: "2999-01-01T00:00:00.000Z",
  };
  await ports.table.write([grantOperation(key, access)]);
  const server = createAdaptorServer({ fetch: createGatewayApp({ ports, onError: console.error }).fetch });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the gateway has no port");
  return { url: `http://127.0.0.1:${address.port}/gateway/v1`, key };
}

async function start(role: string, ...words: string[]): Promise<{ child: ChildProcess; at: Endpoint }> {
  const child = fork(fileURLToPath(import.meta.url), [role, ...words], { stdio: "inherit" });
  const [at] = (await once(child, "message")) as [Endpoint];
  return { child, at };
}

async function ask({ url, key }: Endpoint, stream: boolean, index: number): Promise<number> {
  const started = performance.now();
  const response = await fetch(`${url}/chat/completions`, {
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    body: JSON.stringify({
      model: "solver-1",
      messages: [{ role: "user", content: `What is ${index} + 4?` }],
      max_tokens: 16,
      ...(stream ? { stream } : {}),
    }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${response.status}: ${text}`);
  return performance.now() - started;
}

/** @returns milliseconds of each call */
async function measure(at: Endpoint, stream: boolean, concurrency: number): Promise<number[]> {
  const took: number[] = [];
  let next = 0;
  const worker = async () => {
    while (next < calls) took.push(await ask(at, stream, next++));
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  return took;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

async function compare(direct: Endpoint, gateway: Endpoint): Promise<void> {
  console.log("| calls at a time | answer | direct, ms | gateway, ms | ratio | direct/s | gateway/s |");
  for (const stream of [false, true]) {
    for (const concurrency of concurrencies) {
      const found = { direct: [] as number[], gateway: [] as number[] };
      const seconds = { direct: 0, gateway: 0 };
      for (let round = 0; round < rounds; round++) {
        for (const [name, at] of [["direct", direct] as const, ["gateway", gateway] as const]) {
          const started = performance.now();
          found[name].push(...(await measure(at, stream, concurrency)));
          seconds[name] += (performance.now() - started) / 1000;
        }
      }
      const [a, b] = [median(found.direct), median(found.gateway)];
      const rate = (each: number) => Math.round((calls * rounds) / each);
      const times = `${a.toFixed(2)} | ${b.toFixed(2)} | ${(b / a).toFixed(1)}`;
      const rates = `${rate(seconds.direct)} | ${rate(seconds.gateway)}`;
      console.log(`| ${concurrency} | ${stream ? "streamed" : "whole"} | ${times} | ${rates} |`);
    }
  }
}

const [, , role, solverUrl = ""] = process.argv;
// Whoever asked is gone, by whatever end.
if (role === "solver") process.once("disconnect", () => process.exit());
if (role === "solver") process.send?.(await serveSolver());
else if (role === "gateway") process.send?.(await serveGateway(solverUrl));
else {
  const solver = await start("solver");
  const gateway = await start("gateway", solver.at.url);
  await measure(gateway.at, true, 10);
  await compare(solver.at, gateway.at);
  gateway.child.disconnect();
  solver.child.kill();
}
