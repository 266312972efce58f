/** What `benchgen init --from` says of what it cannot make an environment of. */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { runCommand } from "../support/command.ts";
import { installed } from "./installed.ts";

/** The system's, which has no suite. */
const plainPython = "/usr/bin/python3";
const tasks = fileURLToPath(new URL("../../examples/suite", import.meta.url));
const home = mkdtempSync(join(tmpdir(), "benchgen-suite-"));
afterAll(() => rmSync(home, { recursive: true }));

async function refusal(...words: string[]): Promise<string> {
  const { code, stdout, stderr } = await runCommand(["init", ...words], { home });
  expect([code === 0, stdout]).toEqual([false, ""]);
  return stderr;
}

describe("without a suite", () => {
  const from = `inspect:${join(tasks, "inspect/arithmetic.py")}`;

  it.skipIf(!existsSync(plainPython))(
    "a Python that is not there, or lacks the suite, is named with what to type",
    async () => {
      const target = join(home, "mine");
      expect(await refusal(target, "--from", from, "--python", "/nope/python")).toMatch(
        /\/nope\/python cannot be run.*\n.*--python \/opt\/venv\/bin\/python/,
      );
      expect(await refusal(target, "--from", from, "--python", plainPython)).toMatch(
        /inspect_ai is not installed. Install it: \/usr\/bin\/python3 -m pip install 'inspect_ai==/,
      );
      expect(readdirSync(home).filter((name) => /mine|init/.test(name))).toEqual([]);
    },
  );

  it("what is there already is refused before anything is loaded", async () => {
    const target = join(home, "taken");
    mkdirSync(target);
    writeFileSync(join(target, "file"), "");
    for (const path of [target, join(target, "file")]) {
      expect(await refusal(path, "--from", from)).toMatch(/^error .* is there already/);
    }
  });

  it("options of a suite's task need one", async () => {
    expect(await refusal(join(home, "mine"), "--task-arg", "a=1")).toContain("--from SUITE:TASK");
    expect(await refusal(join(home, "mine"), "--python", "python3")).toContain("--from SUITE:TASK");
  });
});

describe("a task of Inspect", () => {
  const environment = installed("inspect");
  const python = join(environment ?? "", "bin/python");
  const ask = (task: string, ...more: string[]) =>
    refusal(join(home, "mine"), "--from", `inspect:${task}`, "--python", python, ...more);

  it.skipIf(environment === undefined)("is chosen by name where a file holds several", async () => {
    expect(await ask(join(tasks, "inspect/arithmetic.py"))).toContain(
      "holds the tasks arithmetic, with_calculator: name one, arithmetic.py@arithmetic",
    );
  });

  it.skipIf(environment === undefined)("is given only arguments that it has", async () => {
    const task = join(tasks, "inspect/arithmetic.py@arithmetic");
    expect(await ask(task, "--task-arg", "shots=5")).toContain("arithmetic has no argument shots");
  });

  it.skipIf(environment === undefined)("of one's own is told from an installed one by its path", async () => {
    const path = relative(process.cwd(), join(tasks, "inspect"));
    expect(await ask(path)).toContain(`put a dot in front: --from inspect:./${path}`);
  });
});
