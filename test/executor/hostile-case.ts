import { stat } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { removeScratch } from "@benchgen/local/executor/scratch.ts";
import { reasonOf } from "@benchgen/runner/exit.ts";
import { readTail } from "@benchgen/runner/file.ts";
import { sleeping, untilRunning } from "../support/process.ts";
import type { Subject } from "./executor-under-test.ts";
import { type Ran, type TestJob, runJob, testLimits, writeHostFile } from "./job-fixture.ts";

/** Facts every executor must make true about programs that mean harm. */
export function hostileCases({ executor, directory, image }: Subject): void {
  const run = (job: TestJob, options: Parameters<typeof runJob>[3] = {}) =>
    runJob(executor, directory, job, { image, ...options });
  const python = (script: string, more: Partial<TestJob> = {}): TestJob => ({
    commands: { scoring: "python3 script.py" },
    programFiles: { "script.py": script },
    ...more,
  });
  const reason = (ran: Ran) => reasonOf(ran.exits, testLimits, { scoring: ran.stderr })?.code;

  test("a program that ignores SIGTERM ends at its time limit, with everything it started", async () => {
    const mark = uniqueMark();
    const ran = await run(
      python(
        `import os, signal, subprocess, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
subprocess.Popen(["sleep", "${mark}"], start_new_session=True)
time.sleep(600)`,
        { limits: { timeSeconds: 1 } },
      ),
    );
    expect(reason(ran)).toBe("time_limit");
    await untilRunning(sleeping(mark), 0);
    await ran.dispose();
  });

  test("a daemon does not outlive the program that started it", async () => {
    const mark = uniqueMark();
    const ran = await run({
      commands: { scoring: `sh -c 'setsid sleep ${mark} >/dev/null 2>&1 & echo done'` },
    });
    expect(ran.exits[0]?.exitCode).toBe(0);
    await untilRunning(sleeping(mark), 0);
    await ran.dispose();
  });

  test("a daemon that keeps stdout open does not keep the job", async () => {
    const mark = uniqueMark();
    const ran = await run({ commands: { scoring: `sh -c 'setsid sleep ${mark} & echo done'` } });
    expect(ran.stdout).toBe("done\n");
    await untilRunning(sleeping(mark), 0);
    await ran.dispose();
  });

  test("cancelling ends every process", async () => {
    const mark = uniqueMark();
    const cancel = new AbortController();
    const running = run(
      { commands: { scoring: `sh -c 'setsid sleep ${mark} & echo up; sleep 600'` } },
      { signal: cancel.signal, onOutput: () => cancel.abort(new Error("cancelled by the test")) },
    );
    await expect(running).rejects.toThrow("cancelled by the test");
    await untilRunning(sleeping(mark), 0);
  });

  test("cancelling while the program is being started ends it all the same", async () => {
    const mark = uniqueMark();
    const cancel = new AbortController();
    const running = run(
      { commands: { scoring: `sleep ${mark}` } },
      { signal: cancel.signal, onTold: () => cancel.abort(new Error("cancelled at once")) },
    );
    await expect(running).rejects.toThrow("cancelled at once");
    await untilRunning(sleeping(mark), 0);
  });

  test("a program that takes too much memory is ended for it", async () => {
    const ran = await run(
      python(
        "import time\nblocks = []\nwhile True:\n    blocks.append(bytearray(16 << 20))\n    time.sleep(0.01)",
      ),
    );
    expect(reason(ran)).toBe("out_of_memory");
    await ran.dispose();
  });

  test("memory counts for all processes together", async () => {
    const ran = await run(
      python(`import os, sys, time
for _ in range(6):
    if os.fork() == 0:
        block = bytearray(100 << 20)
        time.sleep(60)
        os._exit(0)
sys.exit(any(os.wait()[1] for _ in range(6)))`),
    );
    expect(reason(ran)).toBe("out_of_memory");
    await ran.dispose();
  });

  test("a program that asks for far too much memory at once is told no, and that is the reason", async () => {
    const ran = await run(python("block = bytearray(20 << 30)"));
    expect(reason(ran)).toBe("out_of_memory");
    await ran.dispose();
  });

  test("a fork bomb stays within its number of processes", async () => {
    const ran = await run(
      python(
        `import os, time
made = 0
try:
    while True:
        if os.fork() == 0:
            time.sleep(60)
        made += 1
except OSError:
    print(made < 64 + 16)`,
      ),
    );
    expect(ran.stdout).toBe("True\n");
    await ran.dispose();
  });

  test.each(["/app/output", "/app/program", "/tmp"])(
    "filling the disk through %s is ended for it",
    async (path) => {
      const ran = await run(
        python(`import itertools, time
for i in itertools.count():
    open(f"${path}/{i}", "wb").write(bytes(1 << 20))
    time.sleep(0.002)`),
      );
      expect(reason(ran)).toBe("disk_full");
      await ran.dispose();
    },
  );

  test("a directory the program locked hides nothing of what it wrote", async () => {
    const ran = await run(
      python(`import itertools, os, time
os.mkdir("/app/output/hidden", 0o300)
for i in itertools.count():
    open(f"/app/output/hidden/{i}", "wb").write(bytes(1 << 20))
    time.sleep(0.002)`),
    );
    expect(reason(ran)).toBe("disk_full");
    await ran.dispose();
  });

  test("one file cannot outgrow the disk's limit", async () => {
    const ran = await run({ commands: { scoring: "sh -c 'cat /dev/zero >/app/output/big'" } });
    expect(reason(ran)).toBe("disk_full");
    expect((await stat(join(ran.root, "output", "big"))).size).toBeLessThanOrEqual(testLimits.diskMb << 20);
    await ran.dispose();
  });

  test("a gigabyte on stdout is counted, and only its beginning kept", async () => {
    const ran = await run({ commands: { scoring: "sh -c 'head -c 1073741824 /dev/zero'" } });
    const report = join(ran.root, "scoring-report");
    expect(ran.exits[0]?.exitCode).toBe(0);
    expect((await stat(join(report, "stdout.log"))).size).toBe(testLimits.logBytes);
    expect(Number(await readTail(join(report, "stdout.bytes"), 32))).toBe(1_073_741_824);
    await ran.dispose();
  });

  test("a program that closes its output goes on", async () => {
    const ran = await run({
      commands: { scoring: "sh -c 'exec >&- 2>&-; sleep 0.3; : >/app/output/after'" },
    });
    expect(ran.exits[0]?.exitCode).toBe(0);
    expect((await stat(join(ran.root, "output", "after"))).isFile()).toBe(true);
    await ran.dispose();
  });

  test("other jobs and the host's files are out of reach, also through /proc", async () => {
    const secret = join(directory, "other-job", "secret");
    await writeHostFile(secret, "secret of another job");
    const ran = await run({
      commands: {
        scoring: `sh -c 'cat ${secret}; cat /proc/*/root${secret}; cat /proc/1/cwd${secret}; ls ${directory}; true'`,
      },
    });
    expect(ran.stdout).toBe("");
    await ran.dispose();
  });

  test("a program sees no process but its own", async () => {
    const ran = await run(
      python(`import os
pids = [pid for pid in os.listdir("/proc") if pid.isdigit()]
print(len(pids) < 20, any("vitest" in open(f"/proc/{pid}/cmdline").read() for pid in pids))`),
    );
    expect(ran.stdout).toBe("True False\n");
    await ran.dispose();
  });

  test("no program can mount, or make a user namespace to become root in", async () => {
    const ran = await run({
      commands: {
        scoring: "sh -c 'unshare --user --map-root-user true; echo $?; mount -t tmpfs x /tmp; echo $?'",
      },
    });
    expect(ran.stdout).not.toMatch(/^0$/m);
    await ran.dispose();
  });

  test("directories that are too deep, or locked by the program, are removed with the job", async () => {
    const ran = await run(
      python(`import os
os.makedirs("/app/output/locked/inside"); open("/app/output/locked/inside/f", "w").close()
os.chmod("/app/output/locked/inside", 0); os.chmod("/app/output/locked", 0)
for _ in range(600):
    os.mkdir("d" * 100); os.chdir("d" * 100)`),
    );
    expect(ran.exits[0]?.exitCode).toBe(0);
    expect(await removeScratch(ran.root)).toBe(true);
  });
}

let marks = 0;
/** A number of seconds no other process sleeps for: by it a test finds its own processes. */
function uniqueMark(): string {
  marks++;
  return `${3000 + marks}.${process.pid}`;
}
