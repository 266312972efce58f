/** Where the catch of every step of a task leads. */
import { recordFailure, taskFailureSchema } from "@benchgen/core/run/record-failure.ts";
import { step } from "./handler.ts";
import { once } from "./once.ts";
import { clock, table } from "./port.ts";

const ports = once(() => ({ table: table(), clock }));

export const handler = step("record-failure", taskFailureSchema, (failure) =>
  recordFailure(ports(), failure),
);
