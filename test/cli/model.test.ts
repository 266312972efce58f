/** The command for models, and what a run against one is allowed. */
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Solver, startSolver } from "@benchgen/cli/solver/server.ts";
import { runCommand } from "../support/command.ts";

const bundle = fileURLToPath(new URL("../../examples/arithmetic-qa/bundle", import.meta.url));
const hasPython = existsSync("/usr/bin/python3");
if (!hasPython)
  console.warn("NOT TESTED: runs against a model by command: there is no /usr/bin/python3 here.");

let home: string;
let solver: Solver;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "benchgen-model-"));
  solver = await startSolver();
});
afterAll(async () => {
  await solver.close();
  await rm(home, { recursive: true, force: true });
});

const command = (...words: string[]) => runCommand(words, { home, environment: { TMPDIR: home } });

it.runIf(hasPython)(
  "a run asks a model for so many cases, so often, and no more calls than it may",
  async () => {
    await command("model", "add", "sum", "--base-url", solver.url, "--model", "s", "--no-key");
    const short = await command("run", bundle, "--model", "sum", "--limit", "3", "--epochs", "2");
    expect([short.code, solver.calls.length]).toEqual([0, 6]);
    const bounded = await command("run", bundle, "--model", "sum", "--max-calls", "4", "--json");
    expect(solver.calls).toHaveLength(10);
    expect(bounded.records.at(-1)).toMatchObject({ status: "succeeded", reason: { code: "limit" } });
  },
);
