import { mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { Memory } from "./memory.ts";

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "benchgen-memory-"));
});
afterEach(() => rm(home, { recursive: true }));

const local = { url: undefined, token: undefined };
const run = "run_01jd0c2v5w8x9y0z1a2b3c4d5e";

it("remembers for each server apart, and adds to what it knows", async () => {
  const at = (url: string) => new Memory(home, { url, token: "bg_a" });
  const here = new Memory(home, local);
  await here.remember({ run });
  await here.remember({ environment: "penguins" });
  await at("http://a").remember({ environment: "iris" });
  expect(await here.recall()).toEqual({ run, environment: "penguins" });
  expect(await at("http://a/").recall()).toEqual({ environment: "iris" });
  expect(await at("http://b").recall()).toEqual({});
});

it("remembers for each token of a server apart, and writes none down", async () => {
  const as = (token: string | undefined) => new Memory(home, { url: "http://a", token });
  await as("bg_ada").remember({ run });
  expect(await as("bg_tim").recall()).toEqual({});
  expect(await as(undefined).recall()).toEqual({});
  expect(await as("bg_ada").recall()).toEqual({ run });
  expect(await readFile(join(home, "last.json"), "utf8")).not.toContain("bg_");
});

it("is whole, and alone, however many remember at one time", async () => {
  const names = Array.from({ length: 50 }, (_, index) => "e".repeat(1 + 100 * index));
  await Promise.all(names.map((environment) => new Memory(home, local).remember({ environment })));
  const { environment } = await new Memory(home, local).recall();
  expect(names).toContain(environment);
  expect(await readdir(home)).toEqual(["last.json"]);
});

it("knows nothing when its file is damaged", async () => {
  await writeFile(join(home, "last.json"), "{ not json");
  expect(await new Memory(home, local).recall()).toEqual({});
});

it("fails no command when it cannot write, and leaves nothing behind", async () => {
  const memory = new Memory(join(home, "last.json", "below"), local);
  await writeFile(join(home, "last.json"), "{}");
  await memory.remember({ run });
  expect(await readdir(home)).toEqual(["last.json"]);
});
