/** A job whose network is `gateway` reaches the gateway's socket, and nothing else. */
import { once } from "node:events";
import { chmod, mkdir, rm } from "node:fs/promises";
import { type Server, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { stageIn } from "@benchgen/runner/stage-in.ts";
import { makeScratch, removeScratch } from "@benchgen/local/executor/scratch.ts";
import { afterAll, beforeAll, expect, test } from "vitest";
import { executorsUnderTest } from "./executor-under-test.ts";
import { jobOf, memoryChannel, scratchRoot } from "./job-fixture.ts";

const directory = await scratchRoot();
const candidates = (await executorsUnderTest(directory)).filter(
  ({ name, executor }) => executor !== undefined && name !== "docker",
);
const socket = join(directory, "gateway.sock");
const servers: Server[] = [];
let hostPort = 0;

beforeAll(async () => {
  await mkdir(directory, { recursive: true });
  const gateway = createServer((_request, response) => response.end("from the gateway"));
  const other = createServer((_request, response) => response.end("from the machine"));
  servers.push(gateway, other);
  gateway.listen(socket);
  other.listen(0, "127.0.0.1");
  await Promise.all([once(gateway, "listening"), once(other, "listening")]);
  await chmod(socket, 0o666);
  hostPort = (other.address() as AddressInfo).port;
});

afterAll(async () => {
  for (const server of servers) server.close();
  await rm(directory, { recursive: true, force: true });
});

const script = (port: number) => `import socket, sys, urllib.request
print(urllib.request.urlopen("http://127.0.0.1:8377/gateway/v1/models").read().decode())
for address in [("127.0.0.1", ${port}), ("192.0.2.1", 80)]:
    s = socket.socket(); s.settimeout(2)
    print(s.connect_ex(address) == 0)
sys.exit(3)`;

test.each(candidates)("in $name", async ({ executor }) => {
  const { spec, blobs } = await jobOf({
    commands: { scoring: "python3 ask.py" },
    programFiles: { "ask.py": script(hostPort) },
    network: "gateway",
  });
  const root = join(directory, spec.jobId);
  await makeScratch(root, spec.kind);
  await stageIn(memoryChannel(spec, blobs), root);
  let stdout = "";
  const exits = await executor?.run(
    { spec, image: null, root, gatewaySocket: socket },
    {
      signal: new AbortController().signal,
      onOutput: (_program, stream, chunk) => {
        if (stream === "stdout") stdout += Buffer.from(chunk).toString();
      },
    },
  );
  await removeScratch(root);
  expect(stdout).toBe("from the gateway\nFalse\nFalse\n");
  expect(exits?.[0]).toMatchObject({ exitCode: 3 });
});
