import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { copyScore, writeBundle, writeSubmission } from "../cli/bundle.ts";
import { type CommandResult, runCommand } from "../support/command.ts";
import { describeDeployment } from "./environment.ts";

describeDeployment("the benchgen command", (deployment) => {
  let home: string;
  let token: string;
  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), "benchgen-command-"));
    ({ token } = await deployment().actor("ada", "admin"));
  });
  afterAll(async () => {
    await rm(home, { recursive: true, force: true });
  });
  const command = (...words: string[]): Promise<CommandResult> =>
    runCommand(words, {
      home,
      environment: { BENCHGEN_URL: deployment().url, BENCHGEN_TOKEN: token, TMPDIR: home },
    });

  it("works against a deployment as it works against one machine", async () => {
    await writeBundle(join(home, "bundle"));
    const pushed = await command("push", join(home, "bundle"), "--json");
    expect(pushed).toMatchObject({ code: 0, stderr: "" });
    expect(pushed.records.at(-1)).toMatchObject({ environment: "small", version: 1, status: "published" });

    const submission = await writeSubmission(join(home, "high"), "0.75");
    const run = await command("run", "small", "--submission", submission, "--follow", "--json");
    expect(run).toMatchObject({ code: 0 });
    expect(run.records.at(-1)).toMatchObject({ type: "done", status: "succeeded" });
    expect(run.stdout).toContain("scoring");

    expect((await command("leaderboard", "small")).stdout).toMatch(/1 +high +0\.75/);
    expect((await command("status")).stdout).toMatch(/high succeeded/);
    expect((await command("runs")).stdout).toContain("high");
    expect((await command("logs")).stdout).toContain("scoring");
    expect((await command("results")).stdout).toMatch(/0\.75/);
    expect((await command("env", "list")).stdout).toContain("small");
    expect((await command("env", "versions", "small")).stdout).toContain("published");
    expect(await command("export", "run", "-o", join(home, "files"))).toMatchObject({ code: 0 });
    expect(await command("env", "pull", "small@1", "-o", join(home, "back.zip"))).toMatchObject({ code: 0 });
    expect((await command("token", "list")).stdout).toContain("ada");
  });

  it("exports more cases than one answer holds, whole, to the same bytes as are answered at once", async () => {
    const size = 100_000;
    const print = `printf '{"id":"%s","passed":%s,"output":"%s"}\\n' "$id" "$passed" "$output"`;
    const write = [
      `output=$(head -c ${size} /dev/zero | tr '\\0' x)`,
      "passed=true",
      `for id in $(seq 360); do ${print}; done >/app/output/results.jsonl`,
      copyScore,
    ];
    await writeBundle(join(home, "many"), write.join("\n"));
    const submission = await writeSubmission(join(home, "some"), "0.5");
    const run = await command("run", join(home, "many"), "--submission", submission, "--follow", "--json");
    const id = String(run.records.at(-1)!["run"]);
    const before = deployment().httpRequests();
    const file = join(home, "cases.jsonl");
    const exported = await command("export", id, "--all", "-o", file, "--json");
    expect(exported).toMatchObject({ code: 0 });
    expect(exported.records).toMatchObject([{ type: "saved", records: 360 }]);
    expect(deployment().httpRequests() - before).toBeGreaterThanOrEqual(2 + 3);
    const ada = await deployment().actor("ada", "admin");
    const whole = await ada.call("GET", `/runs/${id}/cases/export?outcome=all`);
    expect((await readFile(file)).equals(Buffer.from(await whole.arrayBuffer()))).toBe(true);
  });

  it("says what is wrong with a bundle, and with a token", async () => {
    await writeBundle(join(home, "bad"), "exit 1");
    await rm(join(home, "bad", "scoring"), { recursive: true });
    expect((await command("push", join(home, "bad"))).code).not.toBe(0);
    token = "bg_wrong";
    expect(await command("runs")).toMatchObject({ stderr: expect.stringContaining("token") });
  });
});
