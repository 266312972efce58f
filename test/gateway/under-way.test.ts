/** Calls that are under way when their process is about to end: they end with it, and are kept. */
import { createGatewayApp } from "@benchgen/api/gateway-app.ts";
import { startServer } from "@benchgen/cli/host/server.ts";
import { Output } from "@benchgen/cli/output/output.ts";
import { CallsUnderWay } from "@benchgen/core/gateway/under-way.ts";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type TestApi, openApi } from "../support/api.ts";
import { errorOf, openScene, startEndpoint } from "../support/gateway.ts";
import { serveFetch } from "../support/http.ts";
import { events, json, piece } from "./hostile-endpoint.ts";

let api: TestApi;
let author: string;

beforeAll(async () => {
  api = await openApi();
  author = await api.token("ada", "author");
});
afterAll(() => api.close());

/** An endpoint which begins to answer so and then is silent. */
async function startSilent(head: Record<string, string>, beginning: string) {
  const asked = Promise.withResolvers<void>();
  const endpoint = await startEndpoint((_request, response) => {
    response.writeHead(200, head).write(beginning, () => asked.resolve());
  });
  return { ...endpoint, asked: asked.promise };
}

/** A gateway, a run that may call such an endpoint, and what ends both. */
async function openSilent(head: Record<string, string>, beginning: string) {
  const endpoint = await startSilent(head, beginning);
  const underWay = new CallsUnderWay();
  const gateway = await serveFetch(createGatewayApp({ ports: api.local.ports, underWay }).fetch);
  const scene = await openScene(api, author, endpoint.url, {
    gatewayUrl: gateway.url,
    budget: { tokens: 1_000_000 },
  });
  const close = async () => {
    await gateway.close();
    await endpoint.close();
  };
  return { ...scene, underWay, asked: endpoint.asked, close };
}

it("ends a call whose endpoint is silent, and keeps it with its reason", async () => {
  const { ask, asked, underWay, calls, totals, close } = await openSilent(json, '{"choices": [');
  const answer = ask("What is 6 * 7?");
  await asked;
  await underWay.end();
  expect(await calls()).toMatchObject([{ error: { code: "upstream_cut" } }]);
  expect(await totals()).toMatchObject({ calls: 1, failed: 1, heldTokens: 0 });
  expect(await errorOf(await answer)).toMatchObject({ status: 502, code: "upstream_cut" });
  await close();
});

it("ends a stream, and keeps what had come of it", async () => {
  const { ask, asked, underWay, calls, close } = await openSilent(events, piece("4"));
  const answer = await ask("What is 6 * 7?", { stream: true });
  await asked;
  const text = answer.text();
  await underWay.end();
  expect(await calls()).toMatchObject([{ error: { code: "upstream_cut" }, streamed: true }]);
  expect(await text).toContain("upstream_cut");
  await close();
});

it("ends at once what begins later", async () => {
  const { ask, underWay, calls, close } = await openSilent(json, "");
  await underWay.end();
  expect(await errorOf(await ask("?"))).toMatchObject({ code: "upstream_cut" });
  expect(await calls()).toMatchObject([{ error: { message: "The gateway ended before the answer did." } }]);
  await close();
});

it("ends with a server that is stopped", async () => {
  const endpoint = await startSilent(json, '{"choices": [');
  const sink = { write: () => true };
  const out = new Output({ stdout: sink, stderr: sink, json: false, quiet: true, color: false });
  const server = await startServer({ dir: api.dir, host: "127.0.0.1", port: 0 }, out);
  const { ask, calls, totals } = await openScene(api, author, endpoint.url, { gatewayUrl: server.url });
  const answer = ask("What is 6 * 7?").catch(() => "the connection went with the server");
  await endpoint.asked;
  await server.close();
  await answer;
  expect(await calls()).toMatchObject([{ error: { code: "upstream_cut" } }]);
  expect(await totals()).toMatchObject({ calls: 1, failed: 1, heldTokens: 0 });
  await endpoint.close();
});
