/** The HTTP API, whoever serves it: Lambda or the local server. */
import { randomUUID } from "node:crypto";
import type { EventFeed, Ports } from "@benchgen/core/ports.ts";
import type { Principal } from "@benchgen/core/access/principal.ts";
import type { SliceLimits } from "@benchgen/core/export/slice.ts";
import { Gateway } from "@benchgen/core/gateway/gateway.ts";
import type { CallsUnderWay } from "@benchgen/core/gateway/under-way.ts";
import { type UploadPolicy, defaultUploadPolicy } from "@benchgen/core/upload/part-plan.ts";
import { Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { methodNotAllowed } from "hono/method-not-allowed";
import { createAnnouncer } from "./announcer.ts";
import { limitAnswers } from "./answer-limit.ts";
import type { ApiEnv, ApiServices, ErrorContext } from "./context.ts";
import { setSecurityHeaders } from "./header.ts";
import { openApiDocument } from "./openapi.ts";
import { HttpError, problemOf, problemResponse } from "./problem.ts";
import { allRoutes } from "./route/all.ts";
import { gatewayRoutes } from "./route/gateway.ts";

export interface ApiOptions {
  readonly ports: Ports;
  /**
   * Who sends the request: `bearerAuth`, or a fixed principal behind `hostGuard`. `env` is what was given to `fetch`
   * beside the request: on Lambda the event. @throws Unauthenticated
   */
  authenticate(request: Request, env: unknown): Promise<Principal>;
  /** Called first, for every request. Throws to refuse it: `hostGuard`. */
  guard?(request: Request): void;
  /** Shown at `GET /events`; without one it answers 501. */
  readonly events?: EventFeed;
  /** Serves signed blob URLs, where the store does not serve its own. Undefined: the request is not for it. */
  blobRoutes?(request: Request): Promise<Response | undefined>;
  /** Told of every error that is the server's own; the client gets the id only. */
  onError?(error: unknown, context: ErrorContext): void;
  /** Where programs reach this API's `/gateway/v1`, when that is not in a sandbox of one machine: on Fargate. */
  readonly gatewayUrl?: string;
  /** Of benchgen. */
  readonly version: string;
  /** The most a request's body may have, blobs aside. Default 1 MiB. */
  readonly maxBodyBytes?: number;
  /**
   * The most an answer to a GET may have, bytes, where whoever delivers answers has a limit: what is longer is stored,
   * and a signed URL of it answered. Default: none, everything is streamed.
   */
  readonly maxAnswerBytes?: number;
  /**
   * The most a bundle may hold, bytes, to be packed into an answer, where answers have a time limit. Larger ones are
   * packed by whoever wants them. Default: any.
   */
  readonly maxPackedBytes?: number;
  /**
   * How long a whole export of cases may take, milliseconds, where answers have a limit (`maxAnswerBytes`) and a time
   * limit. What takes longer is read in slices. Default: any time.
   */
  readonly maxExportMs?: number;
  /** Of a slice of an export. Default: 16 MiB, 10 s. */
  readonly exportSliceLimits?: SliceLimits;
  /** Where calls to models are counted while they are under way, for a process that ends them before it ends. */
  readonly underWay?: CallsUnderWay;
  /** What is sent in one PUT, and what in parts. Default: parts of 64 MiB above 256 MiB. */
  readonly uploadPolicy?: UploadPolicy;
  /** How often a followed log is looked at, milliseconds. Default 500. */
  readonly logPollMs?: number;
  /**
   * Where answers are delivered whole, as behind API Gateway: a followed log ends once it has said something, and after
   * so long with nothing to say, milliseconds; clients go on with the cursor. Default: only when the run is over.
   */
  readonly logFollowMs?: number;
}

/** Makes the app: `createApi(…).fetch(request)`. */
export function createApi(options: ApiOptions): Hono<ApiEnv> {
  const { ports, events, version, maxBodyBytes = 1024 ** 2, logPollMs = 500 } = options;
  const { uploadPolicy = defaultUploadPolicy } = options;
  const announcer = createAnnouncer(ports, options);
  let document: ReturnType<typeof openApiDocument> | undefined;
  const services: ApiServices = {
    ports,
    events,
    version,
    uploadPolicy,
    maxPackedBytes: options.maxPackedBytes,
    maxExportMs: options.maxExportMs,
    exportSliceLimits: options.exportSliceLimits,
    logPollMs,
    logFollowMs: options.logFollowMs,
    authenticate: (request, env) => options.authenticate(request, env),
    announcer,
    gateway: new Gateway(ports, {
      underWay: options.underWay,
      onCallEnded: (access) => announcer.callEnded(access),
    }),
    gatewayUrl: options.gatewayUrl,
    onError: (error, context) => options.onError?.(error, context),
    // Made when first asked for: it would cost every cold start about 10 ms.
    describe: () => (document ??= openApiDocument(version)),
  };

  const app = new Hono<ApiEnv>();
  app.use(setSecurityHeaders);
  app.use(async (c, next) => {
    c.set("api", services);
    options.guard?.(c.req.raw);
    // Before the limit on bodies: uploads are large, and their URLs bind their size.
    const blob = await options.blobRoutes?.(c.req.raw);
    return blob ?? next();
  });
  if (options.maxAnswerBytes !== undefined) app.use(limitAnswers(options.maxAnswerBytes));
  // Before the limit on bodies as well: prompts hold pictures, and have a limit of their own.
  app.route("/", gatewayRoutes);
  app.use(
    methodNotAllowed({
      app,
      onMethodNotAllowed: (c, methods) => {
        const allowed = methods.join(", ");
        const error = new HttpError(
          405,
          "method_not_allowed",
          `${c.req.method} is not possible here.`,
          `Use ${allowed}.`,
        );
        const response = problemResponse(problemOf(error, ""));
        response.headers.set("allow", allowed);
        return response;
      },
    }),
  );
  app.use(
    bodyLimit({
      maxSize: maxBodyBytes,
      onError: () => {
        throw new HttpError(
          413,
          "body_too_large",
          `The body is larger than ${maxBodyBytes} bytes.`,
          "Send files to the URL that POST /uploads gives.",
        );
      },
    }),
  );
  app.route("/", allRoutes);
  app.notFound((c) => {
    const error = new HttpError(
      404,
      "route_not_found",
      `There is no route ${c.req.path}.`,
      "GET /openapi.json lists them all.",
    );
    return problemResponse(problemOf(error, ""));
  });
  app.onError((error, c) => {
    const id = randomUUID();
    const problem = problemOf(error, id);
    // A client that hangs up in the middle of its own request is nobody's error.
    if (problem.instance !== undefined && !c.req.raw.signal.aborted) {
      services.onError(error, { id, method: c.req.method, path: c.req.path });
    }
    return problemResponse(problem, error);
  });
  return app;
}
