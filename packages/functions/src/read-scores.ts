/** The step after a job that scores. */
import { readTaskScores } from "@benchgen/core/run/read-scores.ts";
import { plannedTaskSchema } from "@benchgen/core/run/workflow.ts";
import { step } from "./handler.ts";
import { once } from "./once.ts";
import { blobs, clock, table } from "./port.ts";

const ports = once(() => ({ table: table(), blobs: blobs(), clock }));

export const handler = step("read-scores", plannedTaskSchema, (task) => readTaskScores(ports(), task));
