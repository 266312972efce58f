import { chmod, mkdtemp, readdir, rm } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, expect, it, vi } from "vitest";
import { reachable } from "./executor/host.ts";
import { openGatewaySocket } from "./gateway-socket.ts";

afterEach(() => {
  vi.unstubAllEnvs();
});

/** Something that listens on the path. */
async function serve(path: string): Promise<{ close(): Promise<void> }> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(path, resolve));
  return {
    close: async () => {
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

it("is where the programs' user can reach it, also when the temporary directory is closed to it", async () => {
  const closed = await mkdtemp(join(tmpdir(), "benchgen-closed-"));
  await chmod(closed, 0o700);
  vi.stubEnv("TMPDIR", closed);
  const socket = await openGatewaySocket(serve);
  try {
    // The directory itself may be passed through, not listed; what it is in is open to all.
    expect(await reachable(dirname(dirname(socket.path)))).toBe(true);
  } finally {
    await socket.close();
    await rm(closed, { recursive: true });
  }
});

it("leaves no directory behind when it cannot be served", async () => {
  const own = await mkdtemp(join(tmpdir(), "benchgen-own-"));
  await chmod(own, 0o755);
  vi.stubEnv("TMPDIR", own);
  await expect(openGatewaySocket(() => Promise.reject(new Error("no socket")))).rejects.toThrow("no socket");
  expect(await readdir(own)).toEqual([]);
  await rm(own, { recursive: true });
});
