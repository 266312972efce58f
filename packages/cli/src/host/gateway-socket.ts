import { once } from "node:events";
import { createGatewayApp } from "@benchgen/api/gateway-app.ts";
import { CallsUnderWay } from "@benchgen/core/gateway/under-way.ts";
import type { ServeGateway } from "@benchgen/local/gateway-socket.ts";
import type { ApiOptions } from "@benchgen/api/app.ts";
import { createAdaptorServer } from "@hono/node-server";

/** Serves the gateway to sandboxes. @param options asked for when the first sandbox needs it */
export function gatewayServer(options: () => Pick<ApiOptions, "ports" | "onError">): ServeGateway {
  return async (socketPath) => {
    const underWay = new CallsUnderWay();
    const server = createAdaptorServer({ fetch: createGatewayApp({ ...options(), underWay }).fetch });
    server.listen(socketPath);
    await once(server, "listening");
    return {
      async close() {
        const closed = new Promise<void>((resolve) => server.close(() => resolve()));
        if ("closeAllConnections" in server) server.closeAllConnections();
        await closed;
        // A process with one left would go on for as long as its endpoint is silent.
        await underWay.end();
      },
    };
  };
}
