/** The whole of benchgen in this process: the ports on one machine, and the API over them. */
import { userInfo } from "node:os";
import { bearerAuth } from "@benchgen/api/bearer.ts";
import { type ApiOptions, createApi } from "@benchgen/api/app.ts";
import { authenticate } from "@benchgen/core/access/token.ts";
import type { Principal } from "@benchgen/core/access/principal.ts";
import { BenchgenError, messageOf } from "@benchgen/core/error.ts";
import { defaultUploadPolicy } from "@benchgen/core/upload/part-plan.ts";
import { maxUploadBytes } from "@benchgen/core/wire/api.ts";
import type { RunId } from "@benchgen/core/wire/id.ts";
import { type Local, type LocalOptions, openLocal } from "@benchgen/local/open.ts";
import type { Transport } from "../client/transport.ts";
import type { Output } from "../output/output.ts";
import { lines, paint, text } from "../output/text.ts";
import { version } from "../version.ts";
import { gatewayServer } from "./gateway-socket.ts";

/** What is left to say once the host knows how it is reached and whom to warn. */
export type HostOptions = Omit<LocalOptions, "baseUrl" | "warn" | "serveGateway">;

/** Requests to it never leave the process; the name is one that can have no address (RFC 2606). */
export const inProcessUrl = "http://benchgen.invalid";

export interface Host {
  readonly transport: Transport;
  /** Takes over what a process that is gone left unfinished: for a command that waits, perhaps for just that. */
  resume(): Promise<void>;
  /** Until the run is over and everything it started has ended. */
  waitForRun(id: RunId): Promise<void>;
  close(): Promise<void>;
}

/** The API without a server, for one command. */
export async function openHost(options: HostOptions, out: Output): Promise<Host> {
  const local: Local = await openLocal({
    ...options,
    serveGateway: gatewayServer(() => apiOptions(local, out, { quietly: true })),
    baseUrl: () => inProcessUrl,
    // Most commands only look; one that waits calls `resume`.
    resume: false,
    warn: warner(out),
  });
  const principal = localPrincipal();
  const app = createApi({
    ...apiOptions(local, out, { quietly: true }),
    authenticate: () => Promise.resolve(principal),
    // No connection that could break: parts would only be copied once more.
    uploadPolicy: { ...defaultUploadPolicy, onePutBytes: maxUploadBytes },
  });
  return {
    transport: async (request) => app.fetch(request),
    resume: () => local.resume(),
    waitForRun: (id) => local.waitForRun(id),
    close: () => local.close(),
  };
}

/** Shows failures that no command waits for. */
export function warner(out: Output): (message: string) => void {
  return (message) => out.complain(text`${paint.yellow("warning")} ${message}`);
}

/** What every API over a local set of ports has in common. */
export function apiOptions(
  local: Local,
  out: Output,
  { quietly = false } = {},
): Omit<ApiOptions, "authenticate"> {
  return {
    ports: local.ports,
    events: local.events,
    blobRoutes: (request) => local.blobRoutes(request),
    version,
    onError: (error, { id, method, path }) => {
      // What the domain says on purpose is in the answer, which a command without a server shows itself.
      if (quietly && error instanceof BenchgenError) return;
      out.complain(text`${paint.red("error")} ${id} ${method} ${path}: ${messageOf(error)}`);
      if (process.env["BENCHGEN_DEBUG"] && error instanceof Error) {
        out.complain(paint.dim(lines(error.stack ?? "")));
      }
    },
  };
}

/** Whoever may read the data directory may do anything with it: the user of this machine. */
export function localPrincipal(): Principal {
  return { workspace: "local", name: userName(), scope: "admin" };
}

/** A token, where one is sent, says who is asking; otherwise it is the user of this machine. */
export function localOrToken(local: Local): (request: Request) => Promise<Principal> {
  const byToken = tokenOnly(local);
  const principal = localPrincipal();
  return (request) => (request.headers.has("authorization") ? byToken(request) : Promise.resolve(principal));
}

export function tokenOnly(local: Local): (request: Request) => Promise<Principal> {
  return bearerAuth((secret) => authenticate(local.ports, secret));
}

function userName(): string {
  try {
    return (
      userInfo()
        .username.replaceAll(/[^\w.@-]/g, "_")
        .slice(0, 64) || "user"
    );
  } catch {
    // No entry for this user id, as in some containers.
    return "user";
  }
}
