/** A job whose network is `gateway` reaches the gateway's socket, and nothing else. */
import { once } from "node:events";
import { chmod, mkdir, rm } from "node:fs/promises";
import { type Server, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { stageIn } from "@benchgen/runner/stage-in.ts";
import { createDocker } from "@benchgen/local/executor/docker.ts";
import { runTool } from "@benchgen/local/executor/tool.ts";
import { makeScratch, removeScratch } from "@benchgen/local/executor/scratch.ts";
import { afterAll, beforeAll, expect, test } from "vitest";
import { until } from "../support/api.ts";
import { executorsUnderTest } from "./executor-under-test.ts";
import { jobOf, memoryChannel, scratchRoot } from "./job-fixture.ts";

const directory = await scratchRoot();
const candidates = (await executorsUnderTest(directory)).filter(({ executor }) => executor !== undefined);
// Alone in a directory, as the gateway's own is.
const socket = join(directory, "gateway", "socket");
const servers: Server[] = [];
let hostPort = 0;

beforeAll(async () => {
  await mkdir(join(directory, "gateway"), { recursive: true, mode: 0o711 });
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
# Neither a bridge nor any other way out.
print([line.split(":")[0].strip() for line in open("/proc/net/dev").readlines()[2:]])
sys.exit(3)`;

async function askFrom(
  { executor, image }: Pick<(typeof candidates)[number], "executor" | "image">,
  told: { command?: string; onOutput?: () => void } = {},
) {
  const { spec, blobs } = await jobOf({
    commands: { scoring: told.command ?? "python3 ask.py" },
    programFiles: { "ask.py": script(hostPort) },
    network: "gateway",
  });
  const root = join(directory, spec.jobId);
  await makeScratch(root, spec.kind);
  await stageIn(memoryChannel(spec, blobs), root);
  let stdout = "";
  const exits = await executor?.run(
    { spec, image, root, gatewaySocket: socket },
    {
      signal: new AbortController().signal,
      onOutput: (_program, stream, chunk) => {
        if (stream === "stdout") stdout += Buffer.from(chunk).toString();
        told.onOutput?.();
      },
    },
  );
  await removeScratch(root);
  return { stdout, exitCode: exits?.[0]?.exitCode };
}

/** Containers of this file's executors: no other test's. */
async function containers(): Promise<string> {
  const words = ["docker", "ps", "--all", "--filter=label=benchgen.work=relay", "--format={{.Names}}"];
  return (await runTool(words, { environment: process.env })).stdout.trim();
}

test.each(candidates)("in $name, several jobs at one time", async (candidate) => {
  const ran = await Promise.all([askFrom(candidate), askFrom(candidate)]);
  for (const { stdout, exitCode } of ran) {
    expect(stdout).toBe("from the gateway\nFalse\nFalse\n['lo']\n");
    expect(exitCode).toBe(3);
  }
});

const docker = candidates.find(({ name }) => name === "docker");

test.runIf(docker !== undefined)("in docker, what opens the way is removed with the job", async () => {
  const executor = createDocker({ ownerId: "one", workId: "relay" });
  await askFrom({ executor, image: docker?.image ?? null });
  expect(await containers()).toBe("");
});

test.runIf(docker !== undefined)("in docker, what an owner that is gone left of it is swept", async () => {
  const executor = createDocker({ ownerId: "gone", workId: "relay" });
  const started = Promise.withResolvers<void>();
  const running = askFrom(
    { executor, image: docker?.image ?? null },
    { command: "sh -c 'echo up; sleep 600'", onOutput: () => started.resolve() },
  ).catch((error: unknown) => error);
  await started.promise;
  expect((await containers()).split("\n")).toHaveLength(2);
  await createDocker({ ownerId: "next", workId: "relay" }).sweep(() => Promise.resolve(false));
  // The executor removes its own at the same time, and of two removals one only says that the other is at it.
  await until(containers, (names) => names === "");
  // Whether its container was killed or gone when it looked is chance; that the program ended by itself is never said.
  expect(await running).not.toMatchObject({ exitCode: expect.any(Number) as number });
});
