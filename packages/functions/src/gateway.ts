/**
 * The gateway to models, behind a Function URL, which anyone may call: the token of a run's program is all that opens
 * it. Answers are streamed as the model gives them. Lambda does not say when a client has gone: the call goes on to its
 * end and is measured, and a second try that comes meanwhile gets its answer.
 */
import { createGatewayApp } from "@benchgen/api/gateway-app.ts";
import { gatewayFailed } from "@benchgen/api/route/gateway.ts";
import { Hono } from "hono";
import { streamHandle } from "hono/aws-lambda";
import { type LambdaContext, told } from "./handler.ts";
import { errorFields, writeLog } from "./log.ts";
import { once } from "./once.ts";
import { bus, clock, ids, secrets, table, upstream } from "./port.ts";

const gateway = once(() =>
  createGatewayApp({
    ports: {
      table: table(),
      secrets: secrets(),
      upstream: upstream(),
      bus: bus(),
      clock,
      ids: ids(),
    },
    hearsLeaving: false,
    onError: (error, context) => writeLog("error", "gateway", { ...context, ...errorFields(error) }),
  }),
);

/** The line of the log is written when the answer begins. */
const app = new Hono<{ Bindings: { context?: LambdaContext } }>()
  .all("*", (c) =>
    told("gateway", c.env.context, async (add) => {
      add({ method: c.req.method, path: c.req.path });
      const answer = await gateway().fetch(c.req.raw);
      add({ status: answer.status });
      return answer;
    }),
  )
  .onError(() => gatewayFailed());

export const handler = streamHandle(app);
