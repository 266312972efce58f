/** Jobs as on Fargate: what their programs are given, how they end, and what is said of them. */
import { describe, expect, test } from "vitest";
import { fargateImage } from "../support/fargate-image.ts";
import { fine, imageWithShell, missing, runTask } from "./fargate-task.ts";

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
