import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { runCommandLine } from "./command-line.ts";

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "benchgen-cli-"));
});
afterEach(() => rm(home, { recursive: true }));

async function run(
  ...words: string[]
): Promise<{ code: number; stdout: string; stderr: string; last: () => unknown }> {
  const output = { stdout: "", stderr: "" };
  const sink = (name: "stdout" | "stderr") => ({ write: (chunk: string) => (output[name] += chunk) });
  const code = await runCommandLine(words, {
    stdout: sink("stdout"),
    stderr: sink("stderr"),
    environment: { BENCHGEN_HOME: join(home, "data") },
    signal: new AbortController().signal,
  });
  return { code, ...output, last: () => JSON.parse(output.stdout.trimEnd().split("\n").at(-1)!) as unknown };
}

describe("a command line that is wrong", () => {
  it.each([
    [["validat"], /Did you mean validate/],
    [["validate"], /missing required argument 'path'/],
    [["run", "penguins"], /--submission/],
    [["runs", "--limit", "0"], /whole number from 1/],
    [["serve", "--port", "70000"], /0 to 65535/],
    [["init", "x", "--template", "nope"], /predictions, code, dataset/],
    [["run", "x", "--submission", "y", "--as", "magic"], /predictions, code, dataset/],
    [["validate", "/nowhere"], /no file or directory \/nowhere/],
    [["--url", "localhost:1", "runs"], /not the URL of a server/],
    [["report", "--seed", "4"], /--bootstrap --seed/],
    [["--url", "http://a", "--token", "a\nb", "runs"], /characters that no token has/],
    [["case"], /missing required argument 'case'/],
    [["status", "not-a-run"], /not the id of a run/],
    [["push", "x", "--name", "Bad Name"], /--name.*lower-case letters, digits and hyphens/],
    [["run", "x", "--submission", "y", "--name", ""], /--name.*1 to 200 characters/],
    [["token", "create", "Zoë"], /letters, digits, and _ \. @ -/],
    [["model", "add", "M", "--base-url", "http://a", "--model", "m"], /lower-case letters/],
    [["model", "add", "m", "--base-url", "a.example", "--model", "m"], /begins with http/],
    [["cases", "--failed", "--outcome", "passed"], /cannot be used with/],
    [["export", "cases", "--all", "--outcome", "passed"], /cannot be used with/],
    [
      ["model", "add", "m", "--base-url", "http://u", "--model", "m", "--key-env", "K", "--no-key"],
      /cannot be used/,
    ],
    [["runs", "--local", "--url", "http://a"], /cannot be used with/],
  ])("says what is wrong with %j, on stderr, and exits with 2", async (words, message) => {
    const { code, stdout, stderr } = await run(...words);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/ at .*\.ts:/);
  });

  it.each([
    [["nosuch"], "benchgen --help"],
    [["--quiet", "validate"], "benchgen validate --help"],
    [["env", "visibility", "x", "secret"], "benchgen env visibility --help"],
    [["init", "run", "--template", "nope"], "benchgen init --help"],
  ])("names the help of the command that %j is", async (words, typed) => {
    expect((await run(...words)).stderr).toContain(`hint: See: ${typed}\n`);
  });

  it("ends with one JSON object on stdout under --json", async () => {
    const { code, stderr, last } = await run("--json", "validate", "/nowhere");
    expect({ code, stderr }).toEqual({ code: 2, stderr: "" });
    expect(last()).toMatchObject({
      type: "error",
      code: "path_not_found",
      message: expect.any(String),
      hint: expect.any(String),
    });
  });

  it("takes global options after the command too", async () => {
    expect((await run("validate", "/nowhere", "--json")).last()).toMatchObject({ type: "error" });
  });
});

it("shows help and version and exits with 0", async () => {
  expect(await run("--help")).toMatchObject({ code: 0, stdout: expect.stringContaining("leaderboard") });
  expect(await run("--version")).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
  });
});

describe("validate", () => {
  it("ends with whether the bundle is valid and every finding, and exits with 1 when it is not", async () => {
    const bundle = join(home, "bundle");
    await mkdir(bundle);
    await writeFile(join(bundle, "competition.yaml"), "titel: x\n");
    const { code, last } = await run("validate", bundle, "--json");
    expect(code).toBe(1);
    expect(last()).toMatchObject({
      valid: false,
      findings: expect.arrayContaining([
        expect.objectContaining({
          level: "error",
          code: expect.any(String),
          file: "competition.yaml",
          line: 1,
          column: 1,
        }),
      ]),
    });
  });

  it("shows the line with a mark under the column", async () => {
    await writeFile(join(home, "competition.yaml"), "title: x\ntitel: y\n");
    expect((await run("validate", home)).stdout).toMatch(
      /competition\.yaml:2:1 warning .*\n  2 \| titel: y\n    \| \^/,
    );
  });

  it("names the right folder when one too many was named", async () => {
    await run("init", join(home, "mine"));
    expect((await run("validate", join(home, "mine"))).stdout).toContain(
      `hint: Name the folder that holds it: ${join(home, "mine", "bundle")}`,
    );
  });

  it("has a finding for a file that is no zip", async () => {
    await writeFile(join(home, "no.zip"), "hello");
    const { code, last } = await run("validate", join(home, "no.zip"), "--json");
    expect(code).toBe(1);
    expect(last()).toMatchObject({ valid: false, findings: [{ level: "error", code: "zip.not_a_zip" }] });
  });
});

describe("init", () => {
  it.each(["predictions", "code", "dataset", "model"])(
    "makes a valid environment from the template %s",
    async (template) => {
      const target = join(home, "my-first_env");
      expect(await run("init", target, "--template", template)).toMatchObject({ code: 0 });
      expect((await run("validate", join(target, "bundle"), "--json")).last()).toEqual({
        valid: true,
        findings: [],
      });
      expect(await readFile(join(target, "bundle", "competition.yaml"), "utf8")).toContain(
        'title: "My first env"',
      );
    },
  );

  it("says what to type as a shell takes it", async () => {
    const { stdout } = await run("init", join(home, "my env"));
    expect(stdout).toContain(`benchgen validate '${join(home, "my env", "bundle")}'\n`);
  });

  it("says how to run an environment that asks a model", async () => {
    const { stdout } = await run("init", join(home, "qa"), "--template", "model");
    expect(stdout).toContain(`benchgen run ${join(home, "qa", "bundle")} --model NAME`);
  });

  it.runIf(existsSync("/proc/self"))("ends where no directory can be made", async () => {
    expect(await run("init", "/proc/benchgen/mine")).toMatchObject({ code: 2 });
  });

  it("makes a directory like any other, and leaves no draft of it", async () => {
    await run("init", join(home, "mine"));
    expect((await stat(join(home, "mine"))).mode & 0o777).toBe(0o777 & ~process.umask());
    expect(await readdir(home)).toEqual(["mine"]);
  });

  it("touches nothing that is there already", async () => {
    await mkdir(join(home, "mine"));
    await writeFile(join(home, "mine", "precious"), "x");
    expect(await run("init", join(home, "mine"))).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("is there already"),
    });
    expect(await readdir(home)).toEqual(["mine"]);
    expect(await readdir(join(home, "mine"))).toEqual(["precious"]);
  });

  it("refuses a name that would break the files made from it", async () => {
    expect(await run("init", join(home, 'a"b'))).toMatchObject({ code: 2 });
    expect((await run("init", "")).stderr).toContain('"" cannot be the name');
  });
});
