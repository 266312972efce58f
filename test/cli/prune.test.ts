/** `benchgen admin prune` and `serve --run-file-days`, as an operator types them. */
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openDataDirectory } from "@benchgen/local/data-directory.ts";
import { afterAll, beforeAll, expect, it } from "vitest";
import { until } from "../support/api.ts";
import { runCommand, startCommand } from "../support/command.ts";
import { writeBundle, writeSubmission } from "./bundle.ts";

let home: string;
beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "benchgen-prune-"));
});
afterAll(() => rm(home, { recursive: true }));

const command = (...words: string[]) => runCommand(words, { home: join(home, "data") });

/** A run that ended long ago. @returns its id */
async function oldRun(): Promise<string> {
  const submission = await writeSubmission(join(home, "submission"), "0.5");
  const words = ["run", "small", "--submission", submission, "--json"];
  const run = String((await command(...words)).records.at(-1)?.["run"]);
  const data = openDataDirectory(join(home, "data"));
  const longAgo = "2020-01-01T00:00:00.000Z";
  data.database.run("update execution set ended_at = ?", longAgo);
  data.database.run("update item set body = json_set(body, '$.endedAt', ?) where sk = 'RUN'", longAgo);
  data.close();
  return run;
}

it("is told what would go, and deletes it, also while a server has the directory open", async () => {
  expect((await command("admin", "prune", "--older-than", "30d")).stderr).toContain("--home DIR");
  await command("push", await writeBundle(join(home, "bundle")));
  const run = await oldRun();
  const logs = join(home, "data", "logs", run);
  const server = startCommand(["serve", "--port", "0", "--json"], { home: join(home, "data") });
  await server.untilStdout("listening");

  const kept = await command("admin", "prune", "--older-than", "30d", "--json");
  expect(kept).toMatchObject({ code: 0, records: [{ type: "pruned", runs: 0, ranked: 1 }] });
  const said = await command("admin", "prune", "--older-than", "4w", "--ranked", "--dry-run");
  expect(said.stdout).toMatch(/^Would delete \d+ files of 1 run /);
  expect(await command("cases", run)).toMatchObject({ code: 0 });
  const done = await command("admin", "prune", "--older-than", "4w", "--ranked");
  expect(done.stdout).toBe(said.stdout.replace("Would delete", "Deleted"));
  expect(existsSync(logs)).toBe(false);
  expect((await command("status", run)).stdout).toContain("succeeded");

  server.child.kill("SIGINT");
  expect(await server.result).toMatchObject({ code: 0, stderr: "" });
});

it("refuses an age that is none", async () => {
  expect(await command("admin", "prune", "--older-than", "soon")).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("30d or 8w") as string,
  });
});

it("is done by a server that was told how many days files are kept", async () => {
  const run = await oldRun();
  const words = ["serve", "--port", "0", "--run-file-days", "30", "--json"];
  const server = startCommand(words, { home: join(home, "data") });
  await server.untilStdout("listening");
  const data = openDataDirectory(join(home, "data"));
  const files = () => data.database.all("select key from blob where key like ?", `runs/${run}/%`).length;
  await until(
    async () => files(),
    (count) => count === 0,
  );
  data.close();
  server.child.kill("SIGINT");
  expect(await server.result).toMatchObject({ code: 0, stderr: "" });
});
