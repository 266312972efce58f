import { writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { expect, test } from "vitest";
import type { Subject } from "./executor-under-test.ts";
import { type TestJob, inOutput, runJob } from "./job-fixture.ts";

/** Facts every executor must make true about a well-behaved program. */
export function contractCases({ executor, directory, image }: Subject): void {
  const run = (job: TestJob, options: Parameters<typeof runJob>[3] = {}) =>
    runJob(executor, directory, job, { image, ...options });
  const sh = (script: string, more: Partial<TestJob> = {}): TestJob => ({
    commands: { scoring: "sh script" },
    programFiles: { script },
    ...more,
  });

  test("a scoring program sees its inputs at the contract's paths, with its directory as the working one", async () => {
    const ran = await run(
      sh("pwd; cat $input/res/p $input/ref/r; ls /app; cat /app/scoring_program/script | head -c 3", {
        data: { predictions: { p: "predictions\n" }, referenceData: { r: "reference\n" } },
      }),
    );
    expect(ran.stderr).toBe("");
    expect(ran.stdout.split("\n")).toEqual([
      "/app/program",
      "predictions",
      "reference",
      "ingestion_program",
      "input",
      "output",
      "program",
      "scoring_program",
      "shared",
      "pwd",
    ]);
    expect(ran.exits).toMatchObject([{ name: "scoring", exitCode: 0 }]);
    await ran.dispose();
  });

  test("an ingestion program sees input data and submission, and no reference data", async () => {
    const ran = await run({
      kind: "ingestion",
      commands: { ingestion: "sh -c 'cat $input/i $submission_program/s; ls /app/input 2>&1; ls /app'" },
      data: {
        inputData: { i: "input\n" },
        submission: { s: "submission\n" },
        referenceData: { r: "secret" },
      },
    });
    expect(ran.stdout).toMatch(
      /^input\nsubmission\nls: .*\ningested_program\ningestion_program\ninput_data\n/,
    );
    await ran.dispose();
  });

  test("everything a program sees under /app and /tmp is writable", async () => {
    const ran = await run(
      sh(
        "for d in /app /app/program /app/input/res /app/input/ref /app/output /app/shared /tmp $HOME; do : >$d/w || exit 1; done",
      ),
    );
    expect(ran.exits[0]?.exitCode).toBe(0);
    await ran.dispose();
  });

  test("the rest of the file system is read-only, and holds none of the host's private files", async () => {
    const ran = await run(
      sh(
        "for d in / /usr /etc /dev /run /var /sys /proc/sys; do if (: >$d/w) 2>/dev/null; then echo wrote $d; fi; done;" +
          " cat /etc/shadow; ls /root /home/*; true",
      ),
    );
    expect(ran.stdout).toBe("");
    await ran.dispose();
  });

  test("the environment is the contract's and nothing else", async () => {
    process.env["BENCHGEN_TEST_SECRET"] = "host-secret";
    const ran = await run(
      sh("env | cut -d= -f1 | sort | tr '\\n' ' '; cat /proc/*/environ 2>/dev/null >/app/output/all; true"),
    );
    delete process.env["BENCHGEN_TEST_SECRET"];
    expect(await readFile(inOutput(ran, "all"), "utf8")).not.toContain("host-secret");
    const names = ran.stdout.split(" ").filter((name) => name !== "" && name !== "PWD" && name !== "OLDPWD");
    expect(names).toEqual(
      [
        "BENCHGEN_RUN_ID",
        "BENCHGEN_TASK_INDEX",
        "HOME",
        "PATH",
        "PYTHONUNBUFFERED",
        "hidden",
        "ingestion_program",
        "input",
        "input_data",
        "output",
        "predictions",
        "program",
        "shared",
        "submission_program",
        "tmp",
      ].sort(),
    );
    await ran.dispose();
  });

  test("a program runs as an ordinary user without capabilities that cannot gain any", async () => {
    const ran = await run(sh("id -u; grep -E 'CapEff|CapPrm|CapBnd|NoNewPrivs' /proc/self/status"));
    const [uid, ...lines] = ran.stdout.trim().split("\n");
    expect(Number(uid)).toBeGreaterThan(0);
    expect(lines.map((line) => line.replace(/\s+/, " "))).toEqual([
      "CapPrm: 0000000000000000",
      "CapEff: 0000000000000000",
      "CapBnd: 0000000000000000",
      "NoNewPrivs: 1",
    ]);
    await ran.dispose();
  });

  test("python is found where only python3 is installed", async () => {
    const ran = await run({ commands: { scoring: `python -c "print(6 * 7)"` } });
    expect(ran.stdout).toBe("42\n");
    await ran.dispose();
  });

  // An image brings its own interpreters.
  test.runIf(image === null)(
    "node is the one that runs us, although it may lie where programs cannot reach",
    async () => {
      const ran = await run({ commands: { scoring: `node -e "console.log(process.version)"` } });
      expect(ran.stdout).toBe(`${process.version}\n`);
      await ran.dispose();
    },
  );

  test("stdout and stderr arrive while the program runs, apart from each other", async () => {
    // It goes on once its first words have arrived.
    const waiting = "until [ -e /app/output/heard ]; do sleep 0.05; done";
    const ran = await run(sh(`echo out; ${waiting}; echo err >/dev/stderr; echo later`), {
      onOutput: (_text, root) => writeFileSync(inOutput({ root }, "heard"), ""),
    });
    expect(ran.stdout).toBe("out\nlater\n");
    expect(ran.stderr).toBe("err\n");
    await ran.dispose();
  });

  test.each([
    ["exit 3", { exitCode: 3 }],
    ["kill -SEGV $$", { exitCode: null, signal: "SIGSEGV" }],
    ["exec no-such-command", { exitCode: 127 }],
  ])("the end of `%s` is told as it was", async (script, expected) => {
    const ran = await run(sh(script));
    expect(ran.exits[0]).toMatchObject(expected);
    expect(ran.exits[0]?.cause).toBeUndefined();
    await ran.dispose();
  });

  test("there is no network: not the machine's own loopback, not the world", async () => {
    await using server = await listening();
    const ran = await run({
      commands: { scoring: "python3 connect.py" },
      programFiles: {
        "connect.py": `import socket
for address in [("127.0.0.1", ${server.port}), ("192.0.2.1", 80)]:
    s = socket.socket(); s.settimeout(2)
    print(s.connect_ex(address) == 0)`,
      },
    });
    expect(ran.stdout).toBe("False\nFalse\n");
    await ran.dispose();
  });

  // The engine tests run on may have no bridge.
  test.runIf(image === null)("a job whose network is open reaches it", async () => {
    await using server = await listening();
    const ran = await run({
      commands: { scoring: "python3 connect.py" },
      network: "open",
      programFiles: {
        "connect.py": `import socket
print(socket.socket().connect_ex(("127.0.0.1", ${server.port})))`,
      },
    });
    expect(ran.stdout).toBe("0\n");
    await ran.dispose();
  });

  test("two programs at once share output and /app/shared, live, and nothing else", async () => {
    const ran = await run({
      kind: "concurrent",
      commands: {
        ingestion:
          "sh -c 'while [ ! -e /app/shared/question ]; do sleep 0.05; done; cat /app/shared/question >/app/output/o; echo yes >/app/shared/answer; ls /app/input/ref; cat /app/program/own; true'",
        scoring:
          "sh -c 'echo why >/app/shared/question; echo mine >/app/program/own; while [ ! -e /app/shared/answer ]; do sleep 0.05; done; cat /app/shared/answer /app/output/o /app/input/ref/r'",
      },
      data: { submission: { s: "submission" }, referenceData: { r: "reference\n" } },
    });
    expect(ran.exits.map(({ name, exitCode }) => [name, exitCode])).toEqual([
      ["ingestion", 0],
      ["scoring", 0],
    ]);
    expect(ran.stdout).toBe("yes\nwhy\nreference\n");
    expect(await readFile(inOutput(ran, "o"), "utf8")).toBe("why\n");
    await ran.dispose();
  });

  test("when one of two programs fails, the other is ended and not blamed", async () => {
    const ran = await run({
      kind: "concurrent",
      commands: { ingestion: "sh -c 'exit 5'", scoring: "sleep 600" },
      limits: { timeSeconds: 100 },
    });
    expect(ran.exits).toMatchObject([{ exitCode: 5 }, { exitCode: null, cause: "stopped" }]);
    await ran.dispose();
  });
}

/** A server on the machine's loopback, which a program must not reach. */
async function listening(): Promise<AsyncDisposable & { port: number }> {
  const server = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
