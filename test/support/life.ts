/**
 * A process that lives through everything benchgen does, again and again, and says where it is: for tests that kill it.
 * `node test/support/life.ts DIRECTORY EXECUTOR MARK`; MARK is in the arguments of every program it runs.
 */
import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { ExecutorName } from "@benchgen/local/executor/executor.ts";
import { announcedSchema, pack } from "./api.ts";
import { bundleFiles, scored } from "./bundle.ts";
import { type Actor, openPipeline } from "./pipeline.ts";

/** In the order in which they come. */
export const stages = [
  "opened",
  "half sent",
  "sent",
  "verifying",
  "published",
  "started",
  "ingesting",
  "scoring",
  "scored",
  "ended",
] as const;
export type Stage = (typeof stages)[number];

export const environment = "life";

const solution = { "solution/scores.json": scored(0.5)["scores.json"]!, "solution/main.py": "" };

if (import.meta.main) {
  const [dir = "", executor = "auto", mark = ""] = process.argv.slice(2);
  await live(dir, executor as ExecutorName, mark);
}

async function live(dir: string, executor: ExecutorName, mark: string): Promise<void> {
  const pipeline = await openPipeline({ dir, executor });
  say("opened");
  const author = await pipeline.actor("ada", "author");
  const tim = await pipeline.actor("tim", "submit");
  await pushSlowly(author, mark);
  say("published");
  for (;;) await Promise.all([runOnce(tim), runOnce(tim)]);
}

function say(stage: Stage): void {
  process.stdout.write(`${stage}\n`);
}

/** A version of its own for each process; all have one board, as only a page differs. */
async function pushSlowly(author: Actor, mark: string): Promise<void> {
  const program = { metadata: { command: `sh $program/main.sh ${mark}` } };
  const zip = await pack(
    bundleFiles({
      title: environment,
      competition: {
        pages: [{ title: "Overview", file: "page.md" }],
        solutions: [{ index: 0, path: "solution", tasks: [0] }],
      },
      ingestion: { ...program, script: "sleep 0.1; cp /app/ingested_program/* /app/output/" },
      scoring: { ...program, script: "sleep 0.1; cp /app/input/res/scores.json /app/output/" },
      files: { "page.md": `By process ${process.pid}.\n`, ...solution },
    }),
  );
  const sha256 = createHash("sha256").update(zip).digest("hex");
  const body = { kind: "bundle", filename: "life.zip", size: zip.length, sha256, environment };
  const { put } = await author.json(announcedSchema, "POST", "/uploads", body);
  const half = zip.length >> 1;
  const content = async function* () {
    yield zip.subarray(0, half);
    say("half sent");
    await sleep(50);
    yield zip.subarray(half);
  };
  await author.api.put(put, ReadableStream.from(content()));
  say("sent");
  const versions = `/environments/${environment}/versions`;
  for (let said = false; ; await sleep(10)) {
    const answer = await author.call("GET", versions);
    if (!answer.ok) continue;
    const [newest] = ((await answer.json()) as { items: { status: string; pages: unknown }[] }).items;
    if (newest?.status === "verifying" && !said) {
      said = true;
      say("verifying");
    }
    if (newest?.status === "published") return;
  }
}

async function runOnce(tim: Actor): Promise<void> {
  const submissionId = await tim.submit({ ...scored(Math.random()), "main.py": "" });
  const run = await tim.start({ environment, submissionId });
  say("started");
  await tim.runUntil(run.id, ({ tasks }) => tasks[0]?.status === "ingesting");
  say("ingesting");
  await tim.runUntil(run.id, ({ tasks }) => tasks[0]?.status === "scoring");
  say("scoring");
  await tim.runUntil(run.id, ({ tasks }) => tasks[0]?.status === "succeeded");
  say("scored");
  await tim.ended(run.id);
  say("ended");
}
