/** What whoever ran the programs knows about their ends, told to a stage-out in a container through the stage volume. */
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import { volumeName } from "@benchgen/core/job/container.ts";
import { programExitSchema } from "@benchgen/core/wire/job.ts";
import { exitCauses } from "./exit.ts";
import type { Ending } from "./stage-out.ts";

const endingSchema = z.object({
  exits: z.array(
    programExitSchema.extend({ cause: z.enum(exitCauses).optional(), detail: z.string().optional() }),
  ),
  executor: z.string(),
  notes: z.array(z.string()),
  startedAt: z.string(),
});

const path = (root: string) => join(root, volumeName.stage, "ending.json");

export async function writeEnding(root: string, ending: Ending): Promise<void> {
  await writeFile(path(root), JSON.stringify(ending), { mode: 0o644 });
}

/** Undefined where nobody says: on Fargate only the wrapper in the program's container knows. */
export async function readEnding(root: string): Promise<Ending | undefined> {
  const text = await readFile(path(root), "utf8").catch(() => undefined);
  return text === undefined ? undefined : endingSchema.parse(JSON.parse(text));
}
