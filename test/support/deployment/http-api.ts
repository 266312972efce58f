/** API Gateway's HTTP API on loopback: each request becomes an event of payload version 2.0 for the route's function. */
import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import { buffer } from "node:stream/consumers";
import type { DeploymentDescription, RouteDescription } from "./description.ts";
import type { Functions } from "./function.ts";
import { listen } from "./proxy.ts";

/** What API Gateway takes. Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html */
const maxBodyBytes = 10 * 1024 ** 2;

export interface HttpApi {
  readonly url: string;
  /** How many requests there were. */
  readonly requests: () => number;
  close(): Promise<void>;
}

type Description = Pick<DeploymentDescription, "routes" | "functions" | "accountId">;

/** Both are given late: what is deployed needs this API's URL. */
export async function startHttpApi(
  description: () => Description,
  functions: () => Functions,
): Promise<HttpApi> {
  let requests = 0;
  const server = createServer((request, response) => {
    requests++;
    answer(description(), functions(), { request, response }).catch(() => {
      // What a function could not do, and what it answers in a wrong form, look the same to clients.
      if (!response.headersSent) response.writeHead(500, { "content-type": "application/json" });
      response.end('{"message":"Internal Server Error"}');
    });
  });
  const url = await listen(server);
  return {
    url,
    requests: () => requests,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

interface FunctionAnswer {
  readonly statusCode?: number;
  readonly headers?: Record<string, string>;
  readonly cookies?: string[];
  readonly body?: string;
  readonly isBase64Encoded?: boolean;
}

async function answer(
  { routes, functions: descriptions, accountId }: Description,
  functions: Functions,
  { request, response }: { request: IncomingMessage; response: ServerResponse },
): Promise<void> {
  const fail = (status: number, message: string): void => {
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify({ message }));
  };
  const body = await buffer(request);
  if (body.length > maxBodyBytes) return fail(413, "Request Entity Too Large");
  const method = request.method ?? "GET";
  const url = new URL(request.url ?? "/", "http://any");
  const route = chooseRoute(routes, method, url.pathname);
  if (route === undefined) return fail(404, "Not Found");
  const nameOf = (arn: string) => descriptions.find((each) => each.arn === arn)?.name ?? arn;
  const event = requestEvent({ request, method, url, route, accountId });
  let authorizer: object | undefined;
  if (route.authorizerArn !== undefined) {
    const asked = {
      ...event,
      type: "REQUEST",
      routeArn: `arn:aws:execute-api:${route.key}`,
      identitySource: [],
    };
    const said = (await functions.invoke(nameOf(route.authorizerArn), asked)) as {
      isAuthorized?: boolean;
      context?: object;
    };
    if (said.isAuthorized !== true) return fail(403, "Forbidden");
    authorizer = { lambda: said.context ?? {} };
  }
  const said = (await functions.invoke(nameOf(route.functionArn), {
    ...event,
    requestContext: { ...event.requestContext, ...(authorizer === undefined ? {} : { authorizer }) },
    ...eventBody(request, body),
  })) as FunctionAnswer;
  response.writeHead(said.statusCode ?? 200, {
    ...said.headers,
    ...(said.cookies === undefined ? {} : { "set-cookie": said.cookies }),
  });
  response.end(Buffer.from(said.body ?? "", said.isBase64Encoded === true ? "base64" : "utf8"));
  return undefined;
}

/** The most specific route: an exact path, then the longest path before `{proxy+}`, then `$default`. */
export function chooseRoute(
  routes: readonly RouteDescription[],
  method: string,
  path: string,
): RouteDescription | undefined {
  const matching = routes.filter(({ key }) => {
    if (key === "$default") return true;
    const [routeMethod = "", routePath = ""] = key.split(" ");
    if (routeMethod !== "ANY" && routeMethod !== method) return false;
    const wildcard = routePath.indexOf("{");
    return wildcard < 0 ? routePath === path : path.startsWith(routePath.slice(0, wildcard));
  });
  const weight = ({ key }: RouteDescription) =>
    key === "$default" ? -1 : key.includes("{") ? key.indexOf("{") : Number.MAX_SAFE_INTEGER;
  return matching.sort((a, b) => weight(b) - weight(a))[0];
}

/** A body as events hold it. */
export function eventBody(
  request: IncomingMessage,
  body: Buffer,
): { readonly body?: string; readonly isBase64Encoded: boolean } {
  if (body.length === 0) return { isBase64Encoded: false };
  const type = request.headers["content-type"] ?? "";
  const isText = /^(text\/|application\/(json|problem\+json|xml|javascript))/.test(type);
  return { body: body.toString(isText ? "utf8" : "base64"), isBase64Encoded: !isText };
}

/** Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html */
export function requestEvent(given: {
  request: IncomingMessage;
  method: string;
  url: URL;
  route: Pick<RouteDescription, "key">;
  accountId: string;
}) {
  const { request, method, url, route, accountId } = given;
  const headers = Object.fromEntries(
    Object.entries(request.headersDistinct).map(([name, values]) => [name, (values ?? []).join(",")]),
  );
  const query = [...url.searchParams.keys()].map((name): [string, string] => [
    name,
    url.searchParams.getAll(name).join(","),
  ]);
  const now = new Date();
  return {
    version: "2.0",
    routeKey: route.key,
    rawPath: decodeURI(url.pathname),
    rawQueryString: url.search.slice(1),
    headers,
    ...(query.length === 0 ? {} : { queryStringParameters: Object.fromEntries(query) }),
    requestContext: {
      accountId,
      apiId: "test",
      domainName: request.headers.host ?? "",
      domainPrefix: "test",
      http: {
        method,
        path: decodeURI(url.pathname),
        protocol: "HTTP/1.1",
        sourceIp: "127.0.0.1",
        userAgent: request.headers["user-agent"] ?? "",
      },
      requestId: randomUUID(),
      routeKey: route.key,
      stage: "$default",
      time: now.toUTCString(),
      timeEpoch: now.getTime(),
    },
  };
}
