/** What the command shows of a run's cases. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startSolver } from "@benchgen/cli/solver/server.ts";
import { runCommand } from "../support/command.ts";
import { copyScore, writeBundle, writeSubmission } from "./bundle.ts";

let home: string;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "benchgen-case-"));
});
afterAll(() => rm(home, { recursive: true, force: true }));

const command = (...words: string[]) => runCommand(words, { home, environment: { TMPDIR: home } });

const cases = [
  { id: "sum", input: "2 + 2?", output: "4", target: "4", passed: true, latency_ms: 20 },
  { id: "product", input: "2 * 3?", output: "5", target: "6", passed: false, latency_ms: 40 },
];
const writeCases = cases
  .map((line) => `echo '${JSON.stringify(line)}' >> /app/output/results.jsonl`)
  .join("\n");

it("goes from the report at the end of a run to the case that failed", async () => {
  const bundle = await writeBundle(join(home, "bundle"), `${copyScore}\n${writeCases}`);
  const submission = await writeSubmission(join(home, "good"), "0.5");
  const run = await command("run", bundle, "--submission", submission);
  expect(run.stdout).toMatch(/^cases +2 \(1 passed, 1 failed\)$/m);
  expect(run.stdout).toMatch(/^accuracy +0\.500 {2}95 % from 0\.095 to 0\.905 {2}n = 2$/m);
  expect((await command("results")).stdout).toContain("failed for  incorrect 1");
  expect((await command("report")).stdout).toMatch(/^latency +mean 30 ms, median 30 ms/m);
  expect((await command("failures")).stdout).toContain("like product");
  expect((await command("cases", "--failed")).stdout.split("\n")).toEqual([
    "CASE     OUTCOME  WHY        INPUT   ANSWER  EXPECTED",
    "product  failed   incorrect  2 * 3?  5       6",
    "",
  ]);
  expect((await command("case", "product")).stdout).toContain("expected\n  6");
  const { records } = await command("cases", "--search", "2 + 2", "--json");
  expect(records).toMatchObject([{ type: "case", id: "sum", outcome: { status: "passed" } }]);
});

it("says what to do where there is nothing to show", async () => {
  const bundle = await writeBundle(join(home, "plain"));
  const submission = await writeSubmission(join(home, "plain-good"), "1");
  expect((await command("run", bundle, "--submission", submission)).stdout).not.toContain("cases");
  expect((await command("cases")).stderr).toContain("wrote no results.jsonl");
  expect(await command("case", "sum")).toMatchObject({ code: 2, stdout: "" });
  expect((await command("failures")).stdout).toBe("No case failed.\n");
});

it("says why cases that were written are not there", async () => {
  const submission = await writeSubmission(join(home, "unread-good"), "1");
  const runOf = async (name: string, script: string) => {
    const bundle = await writeBundle(join(home, name), `${copyScore}\n${script}`);
    return command("run", bundle, "--submission", submission);
  };
  await runOf("unread", 'echo \'[{"id": "a"}]\' > /app/output/results.jsonl');
  expect((await command("cases")).stderr).toContain("nothing in its results.jsonl could be read");
  expect((await command("report")).stdout).toContain("Line 1 is not an object");
  const linked = await runOf("linked", "ln -s /app/input/res/score.txt /app/output/results.jsonl");
  expect(linked.stdout).toContain("this was not kept: results.jsonl (a link)");
  const elsewhere = await runOf("elsewhere", "mkdir /app/output/r; echo > /app/output/r/results.jsonl");
  expect(elsewhere.stdout).toContain('which "r/results.jsonl" is not');
});

it("finds a case in whichever task has it, asks which of several, and knows what was meant", async () => {
  const script = `${copyScore}\necho "{\\"id\\": \\"own-$BENCHGEN_TASK_INDEX\\", \\"passed\\": true}" > /app/output/results.jsonl`;
  const bundle = await writeBundle(join(home, "two"), `${script}\n${writeCases}`);
  const yaml = join(bundle, "competition.yaml");
  const second =
    "  - { index: 1, name: Two, scoring_program: scoring/, reference_data: reference/ }\nleaderboard:\n";
  const content = await readFile(yaml, "utf8");
  await writeFile(yaml, content.replace("tasks: [0]", "tasks: [0, 1]").replace("leaderboard:\n", second));
  await command("run", bundle, "--submission", await writeSubmission(join(home, "two-good"), "1"));
  expect((await command("case", "own-1")).stdout).toContain("task 1 · epoch 1");
  const several = await command("case", "sum");
  expect(several).toMatchObject({ code: 2, stdout: "" });
  expect(several.stderr).toContain('Tasks 0, 1 have a case "sum" each.\n  hint: Say which: --task 0');
  expect((await command("case", "sum", "--task", "1")).stdout).toContain("task 1 · epoch 1");
  expect((await command("case", "prodcut")).stderr).toContain('Did you mean "product"?');
  expect((await command("case", "own-1", "--task", "0")).stderr).toContain("Task 1 has one: --task 1");
  expect((await command("cases", "--task", "4")).stderr).toMatch(
    /There is no task "4"\.\n  hint: Tasks of run_\w+: 0, 1$/m,
  );
  expect((await command("case", "")).stderr).toContain("at least one character");
});

it("asks a judge about what a rule could not tell, within its limits", async () => {
  const bundle = await writeBundle(join(home, "judged"), `${copyScore}\n${writeCases}`);
  const submission = await writeSubmission(join(home, "judged-good"), "0.5");
  await command("run", bundle, "--submission", submission);
  const solver = await startSolver();
  try {
    const price = ["--input-price", "1", "--output-price", "1"];
    await command("model", "add", "gauge", "--base-url", solver.url, "--model", "g", "--no-key", ...price);
    const { stdout, stderr } = await command("failures", "--judge", "gauge", "--max-cost", "0");
    expect(stdout).toContain("incorrect 1");
    expect(stderr).toContain("It ended at its limit of cost.");
    const judged = await command("failures", "--judge", "gauge", "--max-cost", "0.10", "--json");
    expect(judged.records).toMatchObject([
      { type: "judged", judged: 1, unreadable: 0, done: true },
      { type: "failures", categories: [{ category: "factual_error", sources: { judge: 1 } }] },
    ]);
    expect((await command("case", "product")).stdout).toContain("(judged by gauge, not certain)");
  } finally {
    await solver.close();
  }
  const gone = await command("failures", "--judge", "gauge");
  expect([gone.code, solver.calls.length]).toEqual([0, 1]);
  expect(gone.stderr).toContain("No case is left to judge: ");
  expect(gone.stderr).not.toContain("judged 0 cases");
  const nobody = await command("failures", "--max-cost", "1");
  expect([nobody.code, nobody.stderr]).toEqual([2, expect.stringContaining("--judge NAME")]);
});
