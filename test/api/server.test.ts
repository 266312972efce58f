/** The app behind a real socket: what only shows when bytes travel. */
import { once } from "node:events";
import { type IncomingMessage, request } from "node:http";
import type { AddressInfo } from "node:net";
import { type ApiOptions, createApi } from "@benchgen/api/app.ts";
import { hostGuard } from "@benchgen/api/host-guard.ts";
import type { EventFeed, Ports } from "@benchgen/core/ports.ts";
import { createAdaptorServer } from "@hono/node-server";
import { afterEach, describe, expect, it } from "vitest";
import { send } from "../support/http.ts";

/** No request of these tests gets as far as a use case. */
const noPorts = {} as Ports;
const servers: ReturnType<typeof createAdaptorServer>[] = [];

async function serve(options: Partial<ApiOptions> = {}): Promise<string> {
  const app = createApi({
    ports: noPorts,
    authenticate: async () => ({ workspace: "lab", name: "ada", scope: "admin" }),
    version: "0",
    ...options,
  });
  const server = createAdaptorServer({ fetch: app.fetch });
  servers.push(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => new Promise((closed) => server.close(closed))));
});

describe("behind a socket", () => {
  it("a body larger than allowed is refused whether its length is declared or not", async () => {
    const url = await serve({ maxBodyBytes: 1000 });
    const body = Buffer.alloc(100_000, " ");
    const headers = { "content-type": "application/json" };
    const declared = await send("POST", `${url}/runs`, {
      body,
      headers: { ...headers, "content-length": "100000" },
    });
    const chunked = await send("POST", `${url}/runs`, {
      body,
      headers: { ...headers, "transfer-encoding": "chunked" },
    });
    expect([declared.status, chunked.status]).toEqual([413, 413]);
    expect(JSON.parse(chunked.body.toString())).toMatchObject({ code: "body_too_large" });
  });

  it("a Host that is a stranger's name for this machine is refused", async () => {
    const url = await serve({ guard: hostGuard() });
    const refused = await send("GET", `${url}/health`, { headers: { host: "rebound.example.com" } });
    expect(refused.status).toBe(403);
    expect((await send("GET", `${url}/health`)).status).toBe(200);
  });

  it("a client that stops following events is forgotten", async () => {
    const { feed, following } = emptyFeed();
    const url = await serve({ events: feed });
    const outgoing = request(`${url}/events`).end();
    const [incoming] = (await once(outgoing, "response")) as [IncomingMessage];
    expect(incoming.headers["content-type"]).toBe("text/event-stream");
    expect(String((await once(incoming, "data"))[0])).toBe(": keep-alive\n\n");
    expect(following.count).toBe(1);
    outgoing.destroy();
    await following.left;
    expect(following.count).toBe(0);
  });
});

/** A feed to which nothing happens, and who follows it. */
function emptyFeed() {
  let leave = (): void => {};
  const following = {
    count: 0,
    left: new Promise<void>((resolve) => {
      leave = resolve;
    }),
  };
  const feed: EventFeed = {
    read: async () => [],
    subscribe: () => {
      following.count += 1;
      return () => {
        following.count -= 1;
        leave();
      };
    },
  };
  return { feed, following };
}
