/**
 * The entry point of our own containers: `stage-in` or `stage-out`. Exits with 0 when it is done, with 3 when the job is
 * over because its inputs cannot be used and that is reported, with 1 when the platform failed.
 */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { InvalidInput, messageOf } from "@benchgen/core/error.ts";
import { stageRoot, stageVariable, volumeName } from "@benchgen/core/job/container.ts";
import { programsOf } from "@benchgen/core/job/layout.ts";
import { readEnding } from "./ending.ts";
import { reportedCode } from "./exit.ts";
import { httpChannel } from "./http-channel.ts";
import { readExit } from "./report.ts";
import { stageIn } from "./stage-in.ts";
import { reportUnusable, stageOut } from "./stage-out.ts";

const startedFile = join(stageRoot, volumeName.stage, "started");

async function main(stage: string | undefined): Promise<number> {
  const channel = httpChannel(required(stageVariable.apiUrl), required(stageVariable.token));
  const now = new Date().toISOString();
  if (stage === "stage-in") {
    try {
      await stageIn(channel, stageRoot);
      await writeFile(startedFile, now);
      return 0;
    } catch (error) {
      if (!(error instanceof InvalidInput)) throw error;
      await reportUnusable(channel, error, { executor: executor(), notes: [], startedAt: now });
      return reportedCode;
    }
  }
  if (stage !== "stage-out") throw new Error(`there is no stage "${stage}": name stage-in or stage-out`);
  const { kind } = await channel.spec();
  const ending = (await readEnding(stageRoot)) ?? {
    exits: await Promise.all(programsOf[kind].map((name) => readExit(stageRoot, name))),
    executor: executor(),
    notes: [],
    startedAt: await readFile(startedFile, "utf8").catch(() => now),
  };
  await stageOut(channel, stageRoot, ending);
  return 0;
}

function executor(): string {
  return process.env["BENCHGEN_EXECUTOR"] ?? "fargate";
}

function required(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === "") throw new Error(`${name} is not set`);
  return value;
}

try {
  process.exitCode = await main(process.argv[2]);
} catch (error) {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exitCode = 1;
}
