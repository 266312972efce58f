/** The gateway alone: all that a program in a sandbox may reach, and on AWS a function of its own. */
import { Gateway, type GatewayOptions, type GatewayPorts } from "@benchgen/core/gateway/gateway.ts";
import type { AnnouncePorts } from "@benchgen/core/run/announce.ts";
import { Hono } from "hono";
import { createAnnouncer } from "./announcer.ts";
import type { ApiOptions } from "./app.ts";
import type { GatewayEnv } from "./context.ts";
import { setSecurityHeaders } from "./header.ts";
import { gatewayRoutes, refusePath } from "./route/gateway.ts";

export interface GatewayAppOptions
  extends Pick<ApiOptions, "onError">, Pick<GatewayOptions, "hearsLeaving" | "underWay"> {
  readonly ports: GatewayPorts & AnnouncePorts;
}

/** Makes the app. It has no route of the API, so there is nobody to authenticate. */
export function createGatewayApp(options: GatewayAppOptions): Hono<GatewayEnv> {
  const announcer = createAnnouncer(options.ports, options);
  const services: GatewayEnv["Variables"]["api"] = {
    gateway: new Gateway(options.ports, {
      ...options,
      onCallEnded: (access) => announcer.callEnded(access),
    }),
    onError: (error, context) => options.onError?.(error, context),
  };
  const app = new Hono<GatewayEnv>();
  app.use(setSecurityHeaders);
  app.use(async (c, next) => {
    c.set("api", services);
    await next();
  });
  app.route("/", gatewayRoutes);
  app.notFound((c) => refusePath(c.req.path));
  return app;
}
