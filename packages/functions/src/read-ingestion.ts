/** The step after an ingestion job. */
import { readIngestion } from "@benchgen/core/run/read-ingestion.ts";
import { plannedTaskSchema } from "@benchgen/core/run/workflow.ts";
import { step } from "./handler.ts";
import { once } from "./once.ts";
import { blobs, clock, table } from "./port.ts";

const ports = once(() => ({ table: table(), blobs: blobs(), clock }));

export const handler = step("read-ingestion", plannedTaskSchema, (task) => readIngestion(ports(), task));
