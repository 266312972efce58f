/** The API on a port of this machine. */
import { EventEmitter, once } from "node:events";
import type { ServerResponse } from "node:http";
import { hostname as machineName } from "node:os";
import { createApi } from "@benchgen/api/app.ts";
import { hostGuard, isLoopbackHost } from "@benchgen/api/host-guard.ts";
import { listTokens } from "@benchgen/core/access/token.ts";
import { CallsUnderWay } from "@benchgen/core/gateway/under-way.ts";
import { type Local, openLocal } from "@benchgen/local/open.ts";
import { createAdaptorServer } from "@hono/node-server";
import { CliError } from "../error.ts";
import type { Output } from "../output/output.ts";
import { gatewayServer } from "./gateway-socket.ts";
import { listen } from "./listen.ts";
import { type HostOptions, apiOptions, localOrToken, localPrincipal, tokenOnly, warner } from "./host.ts";

export interface ServerOptions extends HostOptions {
  /** Address to bind. */
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
  /** How clients reach it, when that differs: behind a proxy, or on all addresses. */
  readonly publicUrl?: string | undefined;
  /** Insist on tokens on loopback too. */
  readonly requireToken?: boolean | undefined;
}

export interface RunningServer {
  readonly url: string;
  readonly local: Local;
  /** Stops listening; what runs is ended by `local.close`, and begun again at the next start. */
  close(): Promise<void>;
}

type HttpServer = ReturnType<typeof createAdaptorServer>;

/**
 * @throws CliError when the port is taken or may not be used, or when others could reach it and no token exists
 */
export async function startServer(options: ServerOptions, out: Output): Promise<RunningServer> {
  const { host, port, publicUrl, requireToken, ...localOptions } = options;
  const loopback = isLoopbackHost(host.includes(":") ? `[${host}]` : host);
  const open = loopback && requireToken !== true;
  let url = publicUrl ?? "";
  const bound = Promise.withResolvers<string>();
  const calls = new CallsUnderWay();
  const local: Local = await openLocal({
    ...localOptions,
    serveGateway: gatewayServer(() => apiOptions(local, out)),
    // A program that shares this machine's network would be let in like its user.
    shareNetwork: !open,
    apiUrl: () => bound.promise,
    baseUrl: () => url,
    // Unfinished work is taken over once URLs can be signed.
    resume: false,
    warn: warner(out),
  });
  let stop: (() => Promise<void>) | undefined;
  const close = async (): Promise<void> => {
    await stop?.();
    await local.close();
  };
  try {
    if (!open) await requireSomeToken(local, { host, loopback });
    const app = createApi({
      ...apiOptions(local, out),
      underWay: calls,
      // A page in a browser of this machine must not be let in where no token is asked for.
      ...(open ? { guard: hostGuard() } : {}),
      authenticate: open ? localOrToken(local) : tokenOnly(local),
    });
    const server = createAdaptorServer({ fetch: app.fetch });
    const boundPort = await listen(server, { host, port });
    stop = stopper(server, calls);
    url = publicUrl ?? urlOf(host, boundPort);
    bound.resolve(urlOf(loopback ? host : "127.0.0.1", boundPort));
    await local.resume();
    return { url, local, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function requireSomeToken(
  local: Local,
  { host, loopback }: { host: string; loopback: boolean },
): Promise<void> {
  let cursor: string | undefined;
  do {
    const page = await listTokens(local.ports, localPrincipal(), { limit: 200, cursor });
    if (page.items.length > 0) return;
    cursor = page.cursor;
  } while (cursor !== undefined);
  throw new CliError(
    "token_needed",
    loopback
      ? "With --require-token every request needs one, and there is no token yet."
      : `Others could reach a server on ${host}, and there is no token yet to let the right ones in.`,
    {
      hint: "Make one first: benchgen --local token create NAME --scope admin",
    },
  );
}

function urlOf(host: string, port: number): string {
  const wildcard = host === "0.0.0.0" || host === "::";
  const name = wildcard ? machineName() : host.includes(":") ? `[${host}]` : host;
  return `http://${name}:${port}`;
}

/** How long requests under way are given, milliseconds. Followed logs and events never end by themselves. */
const graceMs = 2000;

/**
 * @param calls to models, which may take a quarter of an hour: they end when the time for requests is over
 * @returns what stops the server: it listens no more, and once requests under way are answered all connections go
 */
function stopper(server: HttpServer, calls: CallsUnderWay): () => Promise<void> {
  let underWay = 0;
  const idle = new EventEmitter();
  server.on("request", (_request, response: ServerResponse) => {
    underWay += 1;
    response.on("close", () => {
      underWay -= 1;
      if (underWay === 0) idle.emit("idle");
    });
  });
  return async () => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    if (underWay > 0) await once(idle, "idle", { signal: AbortSignal.timeout(graceMs) }).catch(() => {});
    // Also those that were opened and never used, which count as busy and would be waited for.
    if ("closeAllConnections" in server) server.closeAllConnections();
    await closed;
    await calls.end();
  };
}
