/** The gateway behind a socket in the file system: what a sandbox without a network is given of this machine. */
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { reachable } from "./executor/host.ts";

/** Serves the gateway, and nothing else of the API, on that path until it is closed. */
export type ServeGateway = (socketPath: string) => Promise<{ close(): Promise<void> }>;

export interface GatewaySocket {
  readonly path: string;
  close(): Promise<void>;
}

/**
 * Opens it where its path is short: a socket's has 107 bytes at most. Everybody on this machine may connect, because
 * programs run as another user; the token is what lets a call in.
 */
export async function openGatewaySocket(serve: ServeGateway): Promise<GatewaySocket> {
  // A temporary directory of root's own may be closed to that user.
  const parent = (await reachable(tmpdir())) ? tmpdir() : "/var/tmp";
  const directory = await mkdtemp(join(parent, "benchgen-gateway-"));
  const remove = () => rm(directory, { recursive: true, force: true });
  const path = join(directory, "socket");
  try {
    const served = await serve(path);
    await chmod(directory, 0o711);
    await chmod(path, 0o666);
    return {
      path,
      async close() {
        await served.close();
        await remove();
      },
    };
  } catch (error) {
    await remove();
    throw error;
  }
}
