import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { Context, type GlobalOptions, resolveTarget } from "./context.ts";
import { writeLogins } from "./login.ts";
import { Output } from "./output/output.ts";

function newContext(options: GlobalOptions): Context {
  const sink = { write: () => true };
  const out = new Output({ stdout: sink, stderr: sink, json: false, quiet: false, color: false });
  return new Context({ out, options, signal: new AbortController().signal, environment: {} });
}

it("works in this process on ~/.benchgen when nothing is said", () => {
  expect(resolveTarget({ local: true }, {})).toEqual({
    url: undefined,
    token: undefined,
    home: join(homedir(), ".benchgen"),
  });
});

it("takes options over the environment, and an empty variable as none", () => {
  const environment = { BENCHGEN_URL: "http://a", BENCHGEN_TOKEN: "", BENCHGEN_HOME: "/data" };
  expect(resolveTarget({ url: "http://b" }, environment)).toEqual({
    url: "http://b",
    token: undefined,
    home: "/data",
  });
});

it("talks to the server one is logged in to, with that server's token and no other's", async () => {
  const home = mkdtempSync(join(tmpdir(), "benchgen-login-"));
  try {
    await writeLogins(home, {
      current: "https://a.example/v1",
      tokens: { "https://a.example/v1": "secret" },
    });
    expect(resolveTarget({ home }, {})).toEqual({ url: "https://a.example/v1", token: "secret", home });
    expect(resolveTarget({ home, url: "https://a.example/v1/" }, {}).token).toBe("secret");
    expect(resolveTarget({ home, url: "https://b.example" }, {}).token).toBeUndefined();
    expect(resolveTarget({ home, url: "http://a.example/v1" }, {}).token).toBeUndefined();
    expect(resolveTarget({ home, local: true }, { BENCHGEN_URL: "http://c" }).url).toBeUndefined();
    expect(statSync(join(home, "login.json")).mode & 0o777).toBe(0o600);
  } finally {
    rmSync(home, { recursive: true });
  }
});

it("does nothing here in place of a server that a damaged file no longer names", () => {
  const home = mkdtempSync(join(tmpdir(), "benchgen-login-"));
  try {
    writeFileSync(join(home, "login.json"), '{"current": "https://a.ex');
    expect(() => resolveTarget({ home }, {})).toThrow(expect.objectContaining({ code: "login_damaged" }));
    expect(resolveTarget({ home, local: true }, {}).url).toBeUndefined();
    rmSync(join(home, "login.json"));
    mkdirSync(join(home, "login.json"));
    expect(() => resolveTarget({ home }, {})).toThrow(expect.objectContaining({ code: "login_damaged" }));
  } finally {
    rmSync(home, { recursive: true });
  }
});

it.each(["localhost:7331", "ftp://a", "not a url"])("refuses %s as a server's URL", (url) => {
  expect(() => resolveTarget({ url }, {})).toThrow(expect.objectContaining({ code: "url_invalid", exit: 2 }));
});

it.each([
  [{ network: false }, "--no-network"],
  [{ executor: "docker" }, "--executor"],
] as const)("refuses %j for a server, which would not be told", async (options, option) => {
  const context = newContext({ ...options, url: "http://127.0.0.1:9" });
  await expect(context.connect()).rejects.toMatchObject({
    code: "option_without_effect",
    message: expect.stringContaining(option),
  });
});

it("ends with every cleanup, the last one added first, also when one fails", async () => {
  const context = newContext({ local: true });
  const done: string[] = [];
  context.onEnd(async () => void done.push("first"));
  context.onEnd(() => Promise.reject(new Error("it would not close")));
  context.onEnd(async () => void done.push("last"));
  await expect(context.end()).rejects.toThrow("it would not close");
  expect(done).toEqual(["last", "first"]);
});
