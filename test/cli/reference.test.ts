/** What is meant by a command that names no run, where others' runs can be seen as well. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "@benchgen/cli/client/client.ts";
import { Memory } from "@benchgen/cli/memory.ts";
import { resolveRun } from "@benchgen/cli/reference.ts";
import { afterAll, beforeAll, expect, it } from "vitest";
import { echoBundle } from "../support/api.ts";
import { type Actor, type Pipeline, openPipeline } from "../support/pipeline.ts";

let pipeline: Pipeline;
let home: string;

beforeAll(async () => {
  pipeline = await openPipeline();
  home = await mkdtemp(join(tmpdir(), "benchgen-reference-"));
});
afterAll(() => Promise.all([pipeline.close(), rm(home, { recursive: true })]));

/** A command of one of several people who work on the same machine. */
function commandOf({ token }: Actor) {
  const transport = async (request: Request) => pipeline.api.fetch(request);
  const url = "http://benchgen.invalid";
  const { signal } = new AbortController();
  const client = new Client({ transport, url, token, signal });
  return { memory: new Memory(home, { url, token }), client: () => Promise.resolve(client) };
}

it("means the newest run of one's own, and never another participant's", async () => {
  const ada = await pipeline.actor("ada", "author");
  const tim = await pipeline.actor("tim", "submit");
  await ada.push(echoBundle);
  const own = await ada.evaluate("echo", { "answer.txt": "0.5" });
  const his = await tim.evaluate("echo", { "answer.txt": "0.5" });
  expect(await resolveRun(commandOf(ada), undefined)).toBe(own.id);
  expect(await resolveRun(commandOf(tim), undefined)).toBe(his.id);
  await commandOf(ada).memory.remember({ run: own.id });
  expect(await resolveRun(commandOf(tim), undefined)).toBe(his.id);
  const another = await pipeline.actor("eva", "author");
  await expect(resolveRun(commandOf(another), undefined)).rejects.toMatchObject({ code: "no_run", exit: 2 });
});
