/** The last step of a run's workflow. */
import { finishInputSchema, finishWorkflow } from "@benchgen/core/run/finish.ts";
import { finishPorts } from "./finish-ports.ts";
import { step } from "./handler.ts";

export const handler = step("finish", finishInputSchema, (input) => finishWorkflow(finishPorts(), input));
