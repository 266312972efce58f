import { once } from "node:events";
import { type AddressInfo, connect, createServer } from "node:net";
import { mkdtemp, readFile, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type RunningCommand, runCommand, startCommand } from "../support/command.ts";
import { writeBundle, writeSubmission } from "./bundle.ts";

let home: string;
let server: RunningCommand;
let url: string;

/** A command of someone else: another home, so only the server is shared. */
const command = (...words: string[]) =>
  runCommand(words, { home: join(home, "client"), environment: { BENCHGEN_URL: url, TMPDIR: home } });

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "benchgen-server-"));
  server = startCommand(["serve", "--port", "0", "--json"], { home: join(home, "data") });
  const listening = JSON.parse((await server.untilStdout("\n")).split("\n")[0]!) as { url: string };
  url = listening.url;
  await writeBundle(join(home, "bundle"));
});
afterAll(async () => {
  server.child.kill("SIGINT");
  const { code, stderr } = await server.result;
  await rm(home, { recursive: true, force: true });
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
});

describe("an environment and its leaderboard on a server", () => {
  it("is published once, however often it is pushed", async () => {
    const first = await command("push", join(home, "bundle"), "--json");
    expect(first).toMatchObject({ code: 0, stderr: "" });
    expect(first.records.at(-1)).toMatchObject({
      type: "version",
      environment: "small",
      version: 1,
      status: "published",
      unchanged: false,
    });
    const again = await command("push", join(home, "bundle"), "--json");
    expect(again.records.at(-1)).toMatchObject({ version: 1, unchanged: true });
  });

  it("returns when a run has started, and with --follow when it is over", async () => {
    const started = await command(
      "run",
      "small",
      "--submission",
      await writeSubmission(join(home, "low"), "0.25"),
      "--json",
    );
    expect(started).toMatchObject({ code: 0 });
    expect(started.records.at(-1)).toMatchObject({ type: "run", run: expect.stringMatching(/^run_/) });
    const words = [
      "run",
      "small",
      "--submission",
      await writeSubmission(join(home, "high"), "0.75"),
      "--follow",
      "--json",
    ];
    expect((await command(...words)).records.at(-1)).toMatchObject({ type: "done", status: "succeeded" });
    expect(await command("logs", "-f", String(started.records.at(-1)!["run"]))).toMatchObject({ code: 0 });
  });

  it("ranks them, and exports the board as a file or to a pipe", async () => {
    const { records } = await command("leaderboard", "--json");
    expect(records.filter(({ type }) => type === "row").map(({ rank, name }) => [rank, name])).toEqual([
      [1, "high"],
      [2, "low"],
    ]);
    expect((await command("leaderboard", "small")).stdout).toMatch(/1 +high +0\.75/);
    const target = join(home, "board.csv");
    expect(await command("export", "leaderboard", "small", "-o", target)).toMatchObject({ code: 0 });
    const csv = await readFile(target, "utf8");
    expect(csv.split("\n")[1]).toContain("high");
    expect((await command("export", "leaderboard", "small", "-o", "-")).stdout).toBe(csv);
    expect(await command("export", "leaderboard", "small", "-o", target)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("--force"),
    });
  });

  it("shows status and results of the last run, and saves its files", async () => {
    expect((await command("status")).stdout).toMatch(/high succeeded/);
    expect((await command("results")).stdout).toMatch(/One +0\.75/);
    const target = join(home, "files");
    expect(await command("export", "run", "-o", target)).toMatchObject({ code: 0 });
    expect(await readdir(target, { recursive: true })).toContain(join("task-0", "scoring", "stdout.log"));
  });

  it("lists, shows and downloads versions", async () => {
    expect((await command("env", "list")).stdout).toMatch(/small +Small +1 +private/);
    expect((await command("env", "show")).stdout).toMatch(/Small {2}small@1 {2}published/);
    expect((await command("env", "versions", "small")).stdout).toMatch(/1 +published +Small/);
    const target = join(home, "pulled.zip");
    expect(await command("env", "pull", "small@1", "-o", target)).toMatchObject({ code: 0 });
    expect((await command("validate", target, "--json")).records).toEqual([{ valid: true, findings: [] }]);
    expect((await command("env", "visibility", "small", "public", "--json")).records.at(-1)).toMatchObject({
      visibility: "public",
    });
  });

  it("suggests the name that was meant", async () => {
    const { code, stderr } = await command("leaderboard", "smal");
    expect(code).toBe(2);
    expect(stderr).toContain("Did you mean small?");
    const other = await command("leaderboard", "small", "--board", "none");
    expect(other.stderr).not.toContain("Did you mean small?");
  });

  it("cancels and retries a run", async () => {
    await writeBundle(join(home, "slow"), "sleep 600");
    const started = await command("run", join(home, "slow"), "--submission", join(home, "low"), "--json");
    const run = String(started.records.at(-1)!["run"]);
    expect(await command("cancel")).toMatchObject({ code: 0 });
    await command("logs", "-f", run);
    expect((await command("status", run, "--json")).records.at(-1)).toMatchObject({ status: "cancelled" });
    const again = await command("retry", run, "--json");
    expect(again.records.at(-1)).toMatchObject({ type: "run", run: expect.not.stringContaining(run) });
    expect(await command("cancel")).toMatchObject({ code: 0 });
  });
});

describe("a server that others could reach", () => {
  it("does not start before there is a token, and says how to make one", async () => {
    const words = ["serve", "--host", "0.0.0.0", "--port", "0"];
    const { code, stderr } = await runCommand(words, { home: join(home, "open") });
    expect(code).toBe(2);
    expect(stderr).toContain("benchgen --local token create NAME --scope admin");
  });

  it("lets in whoever has a token, as far as its scope goes", async () => {
    const own = { home: join(home, "guarded") };
    const made = await runCommand(["token", "create", "ada", "--scope", "read", "--quiet"], own);
    const guarded = startCommand(["serve", "--port", "0", "--require-token", "--json"], own);
    const { url } = JSON.parse((await guarded.untilStdout("\n")).split("\n")[0]!) as { url: string };
    const asking = (...words: string[]) =>
      runCommand([...words, "--url", url], { home: join(home, "other") });
    expect(await asking("env", "list")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("BENCHGEN_TOKEN"),
    });
    expect(await asking("env", "list", "--token", "bg_wrong")).toMatchObject({ code: 2 });
    expect(await asking("env", "list", "--token", made.stdout.trim())).toMatchObject({ code: 0 });
    const denied = await asking("push", join(home, "bundle"), "--token", made.stdout.trim(), "--json");
    expect(denied.records.at(-1)).toMatchObject({ type: "error", code: "scope_missing" });
    expect(denied.code).toBe(2);
    guarded.child.kill("SIGINT");
    expect(await guarded.result).toMatchObject({ code: 0 });
  });
});

it("says which port is taken, and how to take another", async () => {
  const other = createServer().listen(0, "127.0.0.1");
  await once(other, "listening");
  const { port } = other.address() as AddressInfo;
  const { code, stderr } = await runCommand(["serve", "--port", String(port)], { home: join(home, "taken") });
  expect(code).toBe(1);
  expect(stderr).toContain(`Port ${port} on 127.0.0.1 is in use`);
  expect(stderr).toContain("--port 0");
  expect(await runCommand(["demo", "model", "--port", String(port)], { home })).toMatchObject({
    code: 1,
    stderr: expect.stringContaining(`Port ${port} on 127.0.0.1 is in use`),
  });
  other.close();
});

it("says that no server is there, without a stack trace", async () => {
  // The near end of a connection has a port on which nobody listens, and nobody else can meanwhile.
  const listener = createServer().listen(0, "127.0.0.1");
  await once(listener, "listening");
  const socket = connect((listener.address() as AddressInfo).port, "127.0.0.1");
  await once(socket, "connect");
  const url = `http://127.0.0.1:${socket.localPort}`;
  const { code, stderr } = await runCommand(["runs", "--url", url], { home });
  socket.destroy();
  listener.close();
  expect(code).toBe(1);
  expect(stderr).toMatch(
    /^error The server http:\/\/127\.0\.0\.1:\d+ cannot be reached: nothing listens there\.\n {2}hint: .*benchgen serve/,
  );
});
