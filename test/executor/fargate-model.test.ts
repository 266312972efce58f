/** Jobs with a model as on Fargate: their programs reach the gateway, and nothing else. */
import { type Server, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fine, missing, runTask } from "./fargate-task.ts";
import type { TestJob } from "./job-fixture.ts";

describe.runIf(missing === undefined)("a job with a model on Fargate", () => {
  let gateway: Server;
  let url: string;
  const asked: string[] = [];
  beforeAll(async () => {
    gateway = createServer((request, response) => {
      asked.push(`${request.method} ${request.url} ${request.headers.authorization}`);
      response.end("an answer");
    });
    await new Promise<void>((resolve) => gateway.listen(0, "127.0.0.1", resolve));
    url = `http://127.0.0.1:${(gateway.address() as AddressInfo).port}/gateway/v1`;
  });
  afterAll(() => gateway.close());

  /** Asks the gateway, then looks for other ways out. */
  const program = `import os, socket, urllib.request
call = urllib.request.Request(os.environ["OPENAI_BASE_URL"] + "/models", headers={"Authorization": "Bearer sk-run"})
print(urllib.request.urlopen(call).read())
def tries(what):
    try: print(what())
    except OSError as error: print(error.strerror)
for address in ("169.254.170.2", "198.51.100.7", "0.0.0.0"):
    tries(lambda: socket.create_connection((address, 80), timeout=5))
tries(lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
tries(lambda: socket.socket(socket.AF_INET6))
# Process 1 is the only one without the filter, and closed to the program.
tries(lambda: open("/proc/1/mem", "rb"))
tries(lambda: os.listdir("/proc/1/fd"))
os.kill(1, 9)
tries(lambda: urllib.request.urlopen(call).status)
print(open("/proc/self/status").read().split("CapEff:")[1].split()[0])`;
  const job = (changes: Partial<TestJob> = {}): TestJob => ({
    network: "gateway",
    commands: { scoring: "python3 ask.py" },
    programFiles: { "ask.py": program },
    environment: { scoring: { OPENAI_BASE_URL: url } },
    ...changes,
  });

  test("reaches the gateway, through the relay, and nothing else", async () => {
    const ran = await runTask(job());
    expect(ran.printed["scoring"]?.trimEnd().split("\n")).toEqual([
      "b'an answer'",
      ...Array<string>(3).fill("Network is unreachable"),
      "Permission denied",
      "Address family not supported by protocol",
      "Permission denied",
      "Permission denied",
      "200",
      "0000000000000000",
    ]);
    expect(asked).toEqual(Array<string>(2).fill("GET /gateway/v1/models Bearer sk-run"));
    expect(ran.codes).toEqual({ ...fine, relay: 0 });
    expect(ran.outcomes).toMatchObject([{ status: "succeeded", notes: [] }]);
  });

  test("ends like any other, by a signal or for its time", async () => {
    const failed = await runTask(job({ commands: { scoring: "sh -c 'kill -SEGV $$'" } }));
    expect(failed.outcomes).toMatchObject([{ programs: [{ signal: "SIGSEGV" }] }]);
    const endless = { commands: { scoring: "sh -c 'trap : TERM; while :; do sleep 0.1; done'" } };
    const slow = await runTask(job({ ...endless, limits: { timeSeconds: 1 } }));
    expect(slow.outcomes).toMatchObject([{ reason: { code: "time_limit" } }]);
    expect(slow.codes).toEqual({ ...fine, relay: 0 });
  });

  test("leaves the other program of its job without the network", async () => {
    const ran = await runTask(
      job({
        kind: "concurrent",
        commands: {
          ingestion: "python3 ask.py",
          scoring: `python3 -c "import socket; socket.socket()"`,
        },
        environment: { ingestion: { OPENAI_BASE_URL: url } },
      }),
    );
    expect(ran.printed["ingestion"]).toMatch(/^b'an answer'/);
    expect(ran.printed["scoring"]).toMatch(/PermissionError/);
  });

  test("never starts where it cannot be kept to the gateway, and the reason says what to do", async () => {
    const ran = await runTask(job(), { withoutTracing: true });
    expect(ran.printed["scoring"]).toBeUndefined();
    expect(ran.codes).toEqual({ ...fine, relay: 0 });
    expect(ran.outcomes).toMatchObject([{ status: "failed", reason: { code: "executor_missing" } }]);
    expect(ran.outcomes[0]?.reason?.message).toMatch(/SYS_PTRACE.*modelNetwork to "https"/);
  });

  test("reaches any address where the operator said so, and the run's notes say it", async () => {
    const command = `python3 -c "import os, socket; print(socket.socket().family.name, os.environ['OPENAI_BASE_URL'])"`;
    const ran = await runTask(job({ commands: { scoring: command } }), { modelNetwork: "https" });
    expect(ran.printed["scoring"]).toBe(`AF_INET ${url}\n`);
    expect(ran.codes).toEqual(fine);
    expect(ran.outcomes[0]?.notes).toEqual([expect.stringMatching(/could reach any address by HTTPS/)]);
  });
});

test.runIf(missing !== undefined)("NOT TESTED: jobs with a model as on Fargate", ({ skip }) => {
  console.warn(`NOT TESTED: jobs with a model as on Fargate: ${missing}`);
  skip(missing);
});
