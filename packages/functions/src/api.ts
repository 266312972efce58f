/** The HTTP API behind API Gateway. */
import { problemOf, problemResponse } from "@benchgen/api/problem.ts";
import { Hono } from "hono";
import { type APIGatewayProxyResult, handle } from "hono/aws-lambda";
import * as z from "zod";
import { type Handler, told } from "./handler.ts";
import { openApp } from "./http-app.ts";
import { errorFields } from "./log.ts";

/** Payload format 2.0 of the HTTP API, or 1.0 of the private one that jobs in isolated subnets use. Hono reads both. */
const eventSchema = z.union([
  z
    .object({ requestContext: z.object({ http: z.object({ method: z.string(), path: z.string() }) }) })
    .transform(({ requestContext: { http } }) => http),
  z
    .object({ httpMethod: z.string(), path: z.string() })
    .transform(({ httpMethod: method, path }) => ({ method, path })),
]);
type Event = Parameters<ReturnType<typeof handle>>[0];

let opened: ReturnType<typeof openApp> | undefined;

export const handler: Handler<APIGatewayProxyResult> = (event, context) =>
  told("api", context, async (add) => {
    const { method, path } = eventSchema.parse(event);
    add({ method, path });
    const app = await (opened ??= openApp()).catch((error: unknown) => {
      opened = undefined;
      add(errorFields(error));
      return new Hono().all("*", () => problemResponse(problemOf(error, context?.awsRequestId ?? "")));
    });
    const answer = await handle(app as Hono)(event as Event);
    add({ status: answer.statusCode });
    return answer;
  });
