/** Whole jobs as on Fargate: the containers of the task definition, sharing one network, with the image of a deployment. */
import { execFile } from "node:child_process";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { type Server, createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { taskDefinition } from "@benchgen/aws/launcher/task-definition.ts";
import { stageVariable } from "@benchgen/core/job/container.ts";
import { dockerTasks } from "../support/deployment/docker-task.ts";
import { type ModelNetwork, programNames } from "@benchgen/core/wire/job.ts";
import { fargateImage, fargateImageMissing } from "../support/fargate-image.ts";
import { serveJob } from "./job-api.ts";
import { type TestJob, jobOf } from "./job-fixture.ts";

const programImage = process.env["BENCHGEN_TEST_IMAGE"];
const missing =
  programImage === undefined ? "BENCHGEN_TEST_IMAGE names no image" : await fargateImageMissing();
const runnerImage = missing === undefined ? await fargateImage() : "";

interface TaskOptions {
  readonly runnerImage?: string;
  /** Whether an earlier attempt has come to its end. */
  readonly reported?: boolean;
  /** An input that is no zip. */
  readonly damaged?: string;
  /** Runs the task again after a first attempt that is ended as soon as its program prints. */
  readonly interrupted?: boolean;
  readonly modelNetwork?: ModelNetwork;
  /** Of the programs. */
  readonly image?: string;
  /** A platform whose own filter of calls lets nobody take another's sockets. */
  readonly withoutTracing?: boolean;
}

/** The programs' image with another shell, in Python; without one when none is given. */
async function imageWithShell(source?: string): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "benchgen-shell-"));
  const image = `benchgen-test:${source === undefined ? "no" : "other"}-shell`;
  const shell = source === undefined ? "" : "&& mv /other-shell /bin/sh";
  const lines = [
    `FROM ${programImage}`,
    "COPY --chown=0:0 other-shell /other-shell",
    `RUN cp -L /bin/sh /bin/sh.real && rm /bin/sh ${shell}`,
  ];
  await writeFile(join(directory, "other-shell"), `#!/usr/bin/env python3\n${source ?? ""}\n`);
  await chmod(join(directory, "other-shell"), 0o755);
  await writeFile(join(directory, "Dockerfile"), lines.join("\n"));
  try {
    await promisify(execFile)("docker", ["build", "--quiet", "--tag", image, directory]);
  } finally {
    await rm(directory, { recursive: true });
  }
  return image;
}

let tasks = 0;
async function runTask(job: TestJob, options: TaskOptions = {}) {
  const { spec, blobs } = await jobOf(job);
  if (options.damaged !== undefined) blobs.set(options.damaged, Buffer.from("no zip"));
  const { kind, limits, network } = spec;
  await using api = await serveJob(spec, blobs, { token: "token", reported: options.reported ?? false });
  const definition = taskDefinition(
    { version: 1, kind, image: options.image ?? null, limits, network },
    {
      prefix: "benchgen-test",
      runnerImage: options.runnerImage ?? runnerImage,
      defaultImage: programImage ?? "",
      architecture: "X86_64",
      executionRoleArn: "arn:aws:iam::123456789012:role/execution",
      logGroup: "/benchgen/test/jobs",
      region: "eu-central-1",
      apiUrl: api.url,
      modelNetwork: options.modelNetwork ?? "gateway",
    },
  );
  for (const { linuxParameters } of definition.containerDefinitions ?? []) {
    if (options.withoutTracing === true) delete linuxParameters?.capabilities?.add;
  }
  const attempt = async (onPrinted?: (container: string) => void, stop = new AbortController()) => {
    const printed: Record<string, string> = {};
    const run = dockerTasks((_task, container, text) => {
      printed[container] = (printed[container] ?? "") + text;
      onPrinted?.(container);
    });
    tasks++;
    const id = `fargate-${process.pid}-${tasks}`;
    const { containers } = await run({ id, definition, environment: tokenOf, signal: stop.signal });
    return { printed, codes: Object.fromEntries(containers.map(({ name, exitCode }) => [name, exitCode])) };
  };
  if (options.interrupted === true) {
    const stop = new AbortController();
    const interrupt = (container: string) => {
      if (programNames.some((name) => name === container))
        stop.abort({ stopCode: "SpotInterruption", stoppedReason: "" });
    };
    await attempt(interrupt, stop);
  }
  const { outcomes, uploaded, requests } = api;
  return { ...(await attempt()), outcomes, uploaded, requests };
}

const tokenOf = (container: string): Record<string, string> =>
  container.startsWith("stage-") ? { [stageVariable.token]: "token" } : {};

const fine = { "stage-in": 0, scoring: 0, "stage-out": 0 };

describe.runIf(missing === undefined)("a job on Fargate", () => {
  test("runs from its inputs to its outcome", async () => {
    const job = await runTask({
      commands: { scoring: "python3 score.py" },
      programFiles: {
        "score.py": `import os, shutil
print(open("/app/input/res/p").read(), open("/app/input/ref/r").read(), os.getuid())
for place in ("/app", "/app/program", "/app/input/res", "/app/output", "/app/shared", "/tmp"):
    open(place + "/written", "w").close()
open("/app/output/scores.json", "w").write("{}")`,
      },
      data: { predictions: { p: "predictions" }, referenceData: { r: "reference" } },
    });
    expect(job.printed["scoring"]).toBe("predictions reference 65532\n");
    expect(job.codes).toEqual(fine);
    expect(job.outcomes).toMatchObject([{ status: "succeeded", executor: "fargate", output: { files: 3 } }]);
    expect([...job.uploaded.keys()].sort()).toEqual(["output.zip", "stderr.log", "stdout.log"]);
  });

  test("gives its program no network, no credentials, and no word of the platform", async () => {
    const job = await runTask({
      commands: { scoring: "python3 look.py" },
      programFiles: {
        "look.py": `import os, socket, subprocess
print(sorted(name for name in os.environ if name.startswith(("AWS", "ECS", "BENCHGEN_JOB", "BENCHGEN_API"))))
print(any(word in open("/proc/1/environ").read() for word in ("ECS_", "AWS_")))
def sees():
    for family in (socket.AF_INET, socket.AF_INET6, socket.AF_NETLINK, socket.AF_VSOCK):
        try: print(socket.socket(family, socket.SOCK_DGRAM))
        except PermissionError: print("refused")
sees()
print(subprocess.run(["python3", "-c", "import socket; socket.socket()"], capture_output=True).returncode)
# Nobody in the container is without the filter, so nobody can be made to do it.
print({line.split()[1] for pid in os.listdir("/proc") if pid.isdigit()
       for line in open(f"/proc/{pid}/status") if line.startswith("Seccomp_filters")} )`,
      },
    });
    const [names, told, ...rest] = (job.printed["scoring"] ?? "").split("\n");
    expect([names, told]).toEqual(["[]", "False"]);
    expect(rest.slice(0, 5)).toEqual([...Array<string>(4).fill("refused"), "1"]);
    // Docker's own filter, and ours.
    expect(rest[5]).toMatch(/^\{'\d'\}$/);
    expect(job.codes).toEqual(fine);
  });

  test("gives no network to a shell of the image that takes it before anything of ours could say no", async () => {
    const image = await imageWithShell(`import os, socket, sys
try: print(socket.socket().family.name, flush=True)
except OSError as error: print(error.strerror, flush=True)
os.execv("/bin/sh.real", ["sh", *sys.argv[1:]])`);
    const job = await runTask({ commands: { scoring: "echo ran" } }, { image });
    expect(job.printed["scoring"]).toBe("Permission denied\nran\n");
    expect(job.codes).toEqual(fine);
  });

  test("says so when its image has no shell", async () => {
    const job = await runTask({ commands: { scoring: "echo ran" } }, { image: await imageWithShell() });
    expect(job.codes).toEqual(fine);
    expect(job.outcomes).toMatchObject([
      { status: "failed", reason: { code: "program_failed" }, programs: [{ exitCode: 127 }] },
    ]);
  });

  test("lets a program have the network that may have it", async () => {
    const job = await runTask({
      commands: { scoring: `python3 -c "import socket; print(socket.socket().family.name)"` },
      network: "open",
    });
    expect(job.printed["scoring"]).toBe("AF_INET\n");
  });

  describe("with a model", () => {
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

  test("ends well when its program does not: another end would have it run again", async () => {
    const job = await runTask({ commands: { scoring: "sh -c 'exit 3'" } });
    expect(job.codes).toEqual(fine);
    expect(job.outcomes).toMatchObject([
      { status: "failed", reason: { code: "program_failed" }, programs: [{ exitCode: 3 }] },
    ]);
  });

  test("tells that its program used too much memory", async () => {
    const job = await runTask({
      commands: { scoring: `python3 -c "x = bytearray(10**9)"` },
      limits: { memoryMb: 64 },
    });
    expect(job.outcomes).toMatchObject([{ status: "failed", reason: { code: "out_of_memory" } }]);
  });

  test("runs both programs of a concurrent job", async () => {
    const job = await runTask({
      kind: "concurrent",
      commands: {
        ingestion: "sh -c 'while [ ! -e /app/shared/q ]; do sleep 0.05; done; echo a >/app/shared/a'",
        scoring:
          "sh -c ': >/app/shared/q; while [ ! -e /app/shared/a ]; do sleep 0.05; done; cat /app/shared/a'",
      },
    });
    expect(job.printed["scoring"]).toBe("a\n");
    expect(job.codes).toEqual({ ...fine, ingestion: 0 });
    expect(job.outcomes).toMatchObject([{ status: "succeeded" }]);
  });

  test("whose inputs cannot be used is reported once, and ends well without starting the program", async () => {
    const job = await runTask(
      { commands: { scoring: "echo started" }, data: { predictions: {} } },
      { damaged: "predictions" },
    );
    expect(job.codes).toEqual(fine);
    expect(job.printed["scoring"]).toBeUndefined();
    expect(job.outcomes).toMatchObject([
      { status: "failed", executor: "fargate", reason: { code: "input_unreadable" } },
    ]);
  });

  test("whose first attempt died in its midst starts from nothing", async () => {
    const job = await runTask(
      { commands: { scoring: "sh -c 'echo started; ls -A /app/output; echo x >/app/output/x; sleep 2'" } },
      { interrupted: true },
    );
    expect(job.codes).toEqual(fine);
    expect(job.printed["scoring"]).toBe("started\n");
    expect(job.outcomes).toMatchObject([{ status: "succeeded" }]);
  });

  test("that has reported before is left alone", async () => {
    const job = await runTask({ commands: { scoring: "echo started" } }, { reported: true });
    expect(job.codes).toEqual(fine);
    expect(job.printed["scoring"]).toBeUndefined();
    expect(job.requests).toEqual(["GET /jobs/self/spec"]);
  });

  test("whose network cannot be taken away never starts its program, and is run again", async () => {
    const without = await fargateImage(["confine"]);
    const job = await runTask({ commands: { scoring: "echo started" } }, { runnerImage: without });
    expect(job.codes).toMatchObject({ "stage-in": 1, "stage-out": 1 });
    expect(job.codes["scoring"]).toBeUndefined();
    expect(job.printed["stage-in"]).toMatch(/^The network cannot be taken away from the program/);
    expect(job.outcomes).toEqual([]);
  });
});

test.runIf(missing !== undefined)("NOT TESTED: jobs as on Fargate", ({ skip }) => {
  console.warn(`NOT TESTED: jobs as on Fargate: ${missing}`);
  skip(missing);
});
