/**
 * One process at work in a data directory: `node worker.ts DIR work` goes on until it is killed, `… finish` resumes
 * what others left and ends. Prints what it was told is done: a line `pair N`, `blob KEY`, `execution NAME`, and
 * `repeated …` for a step it had to do although its outcome was recorded before this process began.
 */
import { createHash, randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { createBlobs } from "@benchgen/local/blob/blobs.ts";
import { systemClock as clock } from "@benchgen/local/clock.ts";
import { openDataDirectory } from "@benchgen/local/data-directory.ts";
import { createTable } from "@benchgen/local/table/table.ts";
import { createWorkflow } from "@benchgen/local/workflow/workflow.ts";
import type { Handler } from "@benchgen/local/workflow/step.ts";

const [, , dir = "", mode = "work"] = process.argv;
const warn = (message: string): void => console.log(`warning ${message}`);
const data = openDataDirectory(dir);
const table = createTable({ ...data, clock });
const blobs = createBlobs({ ...data, clock, warn, secret: data.secretFor("blob-url"), baseUrl: () => "" });

const stepName = (execution: unknown, state: unknown): string => `${String(execution)}/${String(state)}`;
const recorded = new Set<string>();

const handler =
  (state: string): Handler =>
  async (input, { execution }) => {
    if (recorded.has(stepName(execution, state))) console.log(`repeated ${stepName(execution, state)}`);
    await sleep(Math.random() * 10);
    return input;
  };

const task = { Type: "Task", Resource: "x", TimeoutSeconds: 60 };
const states = ["One", "Two", "Three", "Four"];
const workflow = createWorkflow({
  ...data,
  clock,
  warn,
  definition: {
    StartAt: "One",
    States: Object.fromEntries(
      states.map((state, index) => {
        const next = states[index + 1];
        return [state, { ...task, ...(next === undefined ? { End: true } : { Next: next }) }];
      }),
    ),
  },
  handlers: Object.fromEntries(states.map((state) => [state, handler(state)])),
});

async function addPair(): Promise<void> {
  const sides = ["left", "right"];
  await table.write(sides.map((sk) => ({ kind: "update", key: { pk: "pair", sk }, add: { count: 1 } })));
  console.log("pair");
}

async function addBlob(): Promise<void> {
  const content = randomBytes(Math.ceil(Math.random() * 300_000));
  const sha256 = createHash("sha256").update(content).digest("hex");
  // A few keys, so that blobs are replaced as well.
  const key = `crash/${Math.floor(Math.random() * 5)}`;
  await blobs.put(key, content, { sha256 });
  console.log(`blob ${key}`);
}

async function addExecution(): Promise<void> {
  const name = `crash-${randomBytes(8).toString("hex")}`;
  await workflow.start(name, { name });
  console.log(`execution ${name}`);
  await workflow.waitForEnd(name);
}

// Only of owners that are gone is what was recorded final: it is read before anything of theirs is taken over.
for (const { execution, state } of data.database.all(
  `select execution, state from execution_step join execution on name = execution where owner not in
   (select value from json_each(?))`,
  JSON.stringify(livingOwners()),
)) {
  recorded.add(stepName(execution, state));
}
// The engine takes a moment to load, in which nothing else would happen.
await import("aws-local-stepfunctions");
await blobs.resume();
const resumed = await workflow.resume();
console.log("ready");
if (mode === "finish") {
  for (const name of resumed) await workflow.waitForEnd(name);
  data.close();
} else {
  for (;;) await Promise.all([addPair(), addBlob(), addExecution()]);
}

function livingOwners(): string[] {
  const owners = data.database.all("select distinct owner from execution").map(({ owner }) => String(owner));
  return owners.filter((owner) => data.owner.isAlive(owner));
}
