/** `benchgen export RUN` and `benchgen compare`, as processes of their own. */
import { mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { linesOf } from "../support/case.ts";
import { runCommand } from "../support/command.ts";
import { copyScore, writeBundle, writeSubmission } from "./bundle.ts";

let home: string;
let first: string;
let other: string;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "benchgen-export-"));
  await writeBundle(join(home, "bundle"), `${copyScore}\ncp /app/input/res/results.jsonl /app/output/`);
  [first, other] = [await evaluate("first", 3), await evaluate("other", 9)];
});
afterAll(() => rm(home, { recursive: true, force: true }));

const command = (...words: string[]) => runCommand(words, { home, environment: { TMPDIR: home } });

/** Ten cases of which so many pass. @returns the run's id */
async function evaluate(name: string, passing: number): Promise<string> {
  const submission = await writeSubmission(join(home, name), String(passing / 10));
  const cases = Array.from({ length: 10 }, (_, i) => ({
    id: `q${i}`,
    input: `${i} + 1?`,
    target: String(i + 1),
    output: i < passing ? String(i + 1) : "?\u001b[31m",
    passed: i < passing,
  }));
  await writeFile(join(submission, "results.jsonl"), linesOf(cases));
  const bundle = join(home, "bundle");
  const { records } = await command("run", bundle, "--submission", submission, "--name", name, "--json");
  return String(records.at(-1)!["run"]);
}

describe("export of cases", () => {
  it("saves those that failed under a name that says what they are, and how many", async () => {
    const file = join(home, "failed.jsonl");
    const { code, records, stderr } = await command("export", first, "-o", file, "--json");
    expect(code).toBe(0);
    expect(records).toMatchObject([{ type: "saved", path: file, records: 7, version: 1, run: first }]);
    expect(stderr).toContain("is private, and this file holds its expected answers");
    const ids = (await readFile(file, "utf8"))
      .split("\n")
      .filter(Boolean)
      .map((line) => JSON.parse(line).id);
    expect(ids).toEqual(["q3", "q4", "q5", "q6", "q7", "q8", "q9"]);
    const again = await command("export", first, "-o", file);
    expect(again.stderr).toContain("is there already");
    expect(again.stderr).not.toContain("is private");
    const none = await command("export", first, "--search", "nowhere", "-o", "-");
    expect(none).toMatchObject({ stdout: "", stderr: expect.stringMatching(/^None matches/) });
  });

  it("counts records of CSV, not its lines, and writes to stdout when asked", async () => {
    const file = join(home, "all.csv");
    const { stdout } = await command("export", "cases", first, "--format", "csv", "--all", "-o", file);
    expect(stdout).toMatch(new RegExp(`^Saved 10 cases of .+@1, ${first}, in `));
    expect((await command("export", first, "--format", "csv", "--all", "-o", "-")).stdout).toBe(
      await readFile(file, "utf8"),
    );
  });

  it("makes training data of a private environment only when told so twice", async () => {
    const refused = await command("export", first, "--format", "chat", "-o", join(home, "chat.jsonl"));
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringContaining("add --yes")]);
    expect(await readdir(home)).not.toContain("chat.jsonl");
    const preferred = ["--format", "preference", "--all", "--yes", "-o", "-"];
    expect((await command("export", first, ...preferred)).stderr).toContain(
      'Left out for want of what "preference" is made of: 3 of the 10 cases asked for',
    );
    const { stdout } = await command("export", first, "--format", "chat", "--yes", "-o", "-");
    expect(JSON.parse(stdout.split("\n")[0]!)).toEqual({
      messages: [
        { role: "user", content: "3 + 1?" },
        { role: "assistant", content: "4" },
      ],
    });
  });
});

describe("compare", () => {
  it("says the result, then shows the cases that changed, without their escapes", async () => {
    const { code, stdout } = await command("compare", first, other);
    expect(code).toBe(0);
    expect(stdout).toContain("B is better by 60.0 points (95 % CI ");
    expect(stdout).toContain("p = 0.031: 6 fixed, 0 broken of 10.");
    expect(stdout).toContain("fixed 6\n  q3  3 + 1?\n    A ?\n    B 4\n    expected 4\n");
    expect(stdout).not.toContain("\u001b");
    const { records } = await command("compare", first, other, "--json");
    expect(records).toMatchObject([
      { type: "comparison", first: { id: first }, comparisons: [{ run: { id: other }, matched: 10 }] },
    ]);
  });

  it("refuses a run by itself", async () => {
    const { code, stderr } = await command("compare", first);
    expect([code, stderr]).toEqual([2, expect.stringContaining("2 to 6 different runs")]);
  });
});
