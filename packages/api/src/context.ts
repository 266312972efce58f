/** What every handler finds in its context, and where all routes come from. */
import { randomUUID } from "node:crypto";
import type { Principal } from "@benchgen/core/access/principal.ts";
import type { SliceLimits } from "@benchgen/core/export/slice.ts";
import type { Gateway } from "@benchgen/core/gateway/gateway.ts";
import type { EventFeed, Ports } from "@benchgen/core/ports.ts";
import type { Announcer } from "@benchgen/core/run/announcer.ts";
import type { UploadPolicy } from "@benchgen/core/upload/part-plan.ts";
import { OpenAPIHono } from "@hono/zod-openapi";
import type { Context } from "hono";
import { refuseInvalidRequest } from "./request-finding.ts";

/** Says which request met an error, so that it can be found in a log. */
export interface ErrorContext {
  /** Given to the client as `urn:uuid:<id>`. */
  readonly id: string;
  readonly method: string;
  /** Without the query, which may hold signatures. */
  readonly path: string;
}

/** What the routes need of the program that serves them. */
export interface ApiServices {
  readonly ports: Ports;
  /** Who sends the request. @throws Unauthenticated */
  authenticate(request: Request, env: unknown): Promise<Principal>;
  readonly events: EventFeed | undefined;
  /** Told of every error that is not the client's. */
  onError(error: unknown, context: ErrorContext): void;
  readonly gateway: Gateway;
  /** Of how far runs are. */
  readonly announcer: Announcer;
  /** Where programs reach the gateway; undefined: as sandboxes of one machine do. */
  readonly gatewayUrl: string | undefined;
  /** Of benchgen. */
  readonly version: string;
  /** What is sent in one PUT, and what in parts. */
  readonly uploadPolicy: UploadPolicy;
  /** The most a bundle may hold to be packed into an answer, bytes; undefined: any. */
  readonly maxPackedBytes: number | undefined;
  /** How long a whole export of cases may take, milliseconds; undefined: any time. */
  readonly maxExportMs: number | undefined;
  /** Of a slice of one; undefined: the domain's own. */
  readonly exportSliceLimits: SliceLimits | undefined;
  /** How long `GET /runs/{id}/logs` waits before it looks for new lines, milliseconds. */
  readonly logPollMs: number;
  /** After which a followed log ends for want of lines, milliseconds; undefined: only when the run is over. */
  readonly logFollowMs: number | undefined;
  /** The OpenAPI document. */
  describe(): object;
}

/** What the gateway's routes need: they are served alone as well. */
export interface GatewayEnv {
  Variables: { api: Pick<ApiServices, "gateway" | "onError"> };
}

export interface ApiEnv {
  Variables: {
    api: ApiServices;
    /** Set by `asUser`. */
    principal: Principal;
    /** Set by `asJob`. */
    jobToken: string;
  };
}

/** An empty set of routes that refuses invalid requests as problems. */
export function newRoutes(): OpenAPIHono<ApiEnv> {
  return new OpenAPIHono<ApiEnv>({ defaultHook: refuseInvalidRequest });
}

/** Reports an error that came after the answer had begun, when no problem can be sent any more. */
export function reporter<E extends GatewayEnv>(c: Context<E>): (error: unknown) => void {
  const { method, path } = c.req;
  return (error) => c.var.api.onError(error, { id: randomUUID(), method, path });
}
