import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type RunningCommand, runCommand, startCommand } from "../support/command.ts";

let home: string;
let server: RunningCommand;
let url: string;
let secret: string;

const command = (words: string[], input?: string) =>
  runCommand(words, { home: join(home, "client"), ...(input === undefined ? {} : { input }) });

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), "benchgen-login-"));
  const data = { home: join(home, "data") };
  secret = (await runCommand(["token", "create", "ada", "--scope", "author"], data)).stdout.trim();
  server = startCommand(["serve", "--port", "0", "--require-token", "--json"], data);
  url = (JSON.parse((await server.untilStdout("\n")).split("\n")[0]!) as { url: string }).url;
});
afterAll(async () => {
  server.child.kill("SIGINT");
  await server.result;
  await rm(home, { recursive: true, force: true });
});

it("keeps no token the server refuses", async () => {
  const refused = await command(["login", url], "bg_wrong\n");
  expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining("unknown, revoked or expired") });
  expect((await command(["logout"])).stderr).toContain("benchgen login URL");
});

it("says what to type when no token is given", async () => {
  expect(await command(["login", url])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("benchgen login URL < token.txt"),
  });
});

it("points every later command at the server, until one logs out", async () => {
  expect((await command(["login", `${url}/`], `${secret}\n`)).stdout).toBe(
    `Logged in to ${url} as ada of local, author.\n`,
  );
  expect((await command(["whoami"])).stdout).toMatch(/^ada in local, author, until \d.* UTC, at http/);
  expect((await command(["whoami", "--local"])).stdout).toContain("this process");
  expect((await command(["env", "list", "--json"])).code).toBe(0);
  expect((await command(["logout"])).stdout).toContain(url);
  expect((await command(["whoami"])).stdout).toContain("this process");
});
