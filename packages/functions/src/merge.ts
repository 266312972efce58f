/** The step between a run's tasks and its end. */
import { mergeScores } from "@benchgen/core/run/merge.ts";
import { workflowInputSchema } from "@benchgen/core/run/workflow.ts";
import { step } from "./handler.ts";
import { once } from "./once.ts";
import { blobs, table } from "./port.ts";

const ports = once(() => ({ table: table(), blobs: blobs() }));

export const handler = step("merge", workflowInputSchema, (input) => mergeScores(ports(), input));
