/**
 * The gateway to models. It speaks OpenAI's API, errors included, so that its clients need to know nothing of us; that
 * is why it is no part of our own API's document. Whose call it is, is known by the token alone.
 */
import { Unauthenticated } from "@benchgen/core/error.ts";
import { GatewayRefusal, errorBody } from "@benchgen/core/gateway/refusal.ts";
import { gatewayOperations, maxRequestBytes } from "@benchgen/core/gateway/request.ts";
import type { CallIdentity } from "@benchgen/core/gateway/retry.ts";
import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { readBearer } from "../bearer.ts";
import { type GatewayEnv, reporter } from "../context.ts";
import { eventStreamHeaders, streamOf } from "../stream.ts";

/** All of it is below this path. */
export const gatewayPath = "/gateway/v1";

export const gatewayRoutes = new Hono<GatewayEnv>().basePath(gatewayPath);

gatewayRoutes.use(
  bodyLimit({
    maxSize: maxRequestBytes,
    onError: () => {
      const message = `A request has at most ${maxRequestBytes} bytes.`;
      return refuse(new GatewayRefusal("request_too_large", message, { status: 413 }));
    },
  }),
);

gatewayRoutes.get("/models", (c) =>
  answering(c, async () => {
    const id = await c.var.api.gateway.model(tokenOf(c.req.raw));
    return Response.json({
      object: "list",
      data: [{ id, object: "model", created: 0, owned_by: "benchgen" }],
    });
  }),
);

for (const operation of gatewayOperations) {
  gatewayRoutes.post(`/${operation}`, (c) =>
    answering(c, async () => {
      const { raw } = c.req;
      const { status, contentType, body } = await c.var.api.gateway.call({
        token: tokenOf(raw),
        operation,
        body: new Uint8Array(await raw.arrayBuffer()),
        identity: identityOf(raw.headers),
        signal: raw.signal,
      });
      if (body instanceof Uint8Array) {
        return new Response(body as Uint8Array<ArrayBuffer>, {
          status,
          headers: { "content-type": contentType },
        });
      }
      const stream = streamOf(() => body, reporter(c));
      return new Response(stream, {
        status,
        headers: { ...eventStreamHeaders, "content-type": contentType },
      });
    }),
  );
}

gatewayRoutes.all("/*", (c) => refusePath(c.req.path));

export function refusePath(path: string): Response {
  const hint = `There are ${["models", ...gatewayOperations].join(", ")}.`;
  return refuse(new GatewayRefusal("not_supported", `The gateway has no ${path}.`, { status: 404, hint }));
}

function tokenOf(request: Request): string {
  try {
    return readBearer(request);
  } catch (error) {
    if (!(error instanceof Unauthenticated)) throw error;
    throw new GatewayRefusal(
      "token_invalid",
      "The call has no token: send OPENAI_API_KEY as a bearer token.",
      {
        status: 401,
      },
    );
  }
}

/** What the headers say about whose call it is, and which try. */
function identityOf(headers: Headers): CallIdentity {
  const caseId = decoded(headers.get("x-case-id"))?.slice(0, 1000).toWellFormed();
  const epoch = wholeNumber(headers.get("x-case-epoch"));
  return {
    ...(caseId === undefined || caseId === "" ? {} : { caseId }),
    ...(epoch === undefined || epoch === 0 ? {} : { epoch }),
    idempotencyKey: headers.get("idempotency-key")?.slice(0, 255),
    retries: wholeNumber(headers.get("x-stainless-retry-count")) ?? 0,
  };
}

/** Headers hold no more than Latin letters: others come percent-encoded. */
function decoded(value: string | null): string | undefined {
  if (value === null) return undefined;
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

function wholeNumber(value: string | null): number | undefined {
  return value !== null && /^\d{1,6}$/.test(value) ? Number(value) : undefined;
}

async function answering(c: Context<GatewayEnv>, answer: () => Promise<Response>): Promise<Response> {
  try {
    return await answer();
  } catch (error) {
    if (error instanceof GatewayRefusal) return refuse(error);
    if (!c.req.raw.signal.aborted) reporter(c)(error);
    return gatewayFailed();
  }
}

/** What is answered to a call that met an error of ours. */
export function gatewayFailed(): Response {
  const message = "The gateway failed; the call was fine as far as we know.";
  const error = { message, type: "server_error", param: null, code: "internal_error" };
  return Response.json({ error }, { status: 500 });
}

/** OpenAI's clients try again by the status, unless `x-should-retry` says otherwise. */
function refuse(refusal: GatewayRefusal): Response {
  const headers = new Headers({
    "content-type": "application/json",
    "x-should-retry": String(refusal.retry),
    ...(refusal.retryAfter === undefined ? {} : { "retry-after": refusal.retryAfter }),
  });
  return new Response(JSON.stringify(errorBody(refusal)), { status: refusal.status, headers });
}
