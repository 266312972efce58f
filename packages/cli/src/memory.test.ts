import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { Memory } from "./memory.ts";

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "benchgen-memory-"));
});
afterEach(() => rm(home, { recursive: true }));

const run = "run_01jd0c2v5w8x9y0z1a2b3c4d5e";

it("remembers for each server apart, and adds to what it knows", async () => {
  const local = new Memory(home, "local");
  await local.remember({ run });
  await local.remember({ environment: "penguins" });
  await new Memory(home, "http://a").remember({ environment: "iris" });
  expect(await local.recall()).toEqual({ run, environment: "penguins" });
  expect(await new Memory(home, "http://a").recall()).toEqual({ environment: "iris" });
  expect(await new Memory(home, "http://b").recall()).toEqual({});
});

it("knows nothing when its file is damaged", async () => {
  await writeFile(join(home, "last.json"), "{ not json");
  expect(await new Memory(home, "local").recall()).toEqual({});
});

it("fails no command when it cannot write, and leaves nothing behind", async () => {
  const memory = new Memory(join(home, "last.json", "below"), "local");
  await writeFile(join(home, "last.json"), "{}");
  await memory.remember({ run });
  expect(await readdir(home)).toEqual(["last.json"]);
});
