/** Ends a run whose workflow failed, timed out or was aborted, and so could not end it itself. */
import { finishRun } from "@benchgen/core/run/finish.ts";
import { endOfExecution } from "@benchgen/core/run/sweep.ts";
import { isId } from "@benchgen/core/wire/id.ts";
import * as z from "zod";
import { setting } from "./environment.ts";
import { finishPorts } from "./finish-ports.ts";
import { consumer } from "./handler.ts";

/** Source: https://docs.aws.amazon.com/step-functions/latest/dg/eventbridge-integration.html */
const eventSchema = z.object({
  detail: z.object({
    stateMachineArn: z.string(),
    /** The execution's: a run's id. */
    name: z.string(),
    status: z.enum(["FAILED", "TIMED_OUT", "ABORTED"]).transform((status) => status.toLowerCase()),
    error: z.string().nullish(),
    cause: z.string().nullish(),
  }),
});

export const handler = consumer(
  "failed-execution",
  eventSchema,
  ({ detail: { stateMachineArn, name } }) =>
    stateMachineArn === setting("BENCHGEN_STATE_MACHINE_ARN") && isId("run", name) ? name : undefined,
  async (run, { detail: { status, error, cause } }) => {
    await finishRun(finishPorts(), run, endOfExecution({ status, ...said({ error, cause }) }));
    return { status };
  },
);

/** Both are null, or missing, where an execution was ended from outside. */
function said(detail: { error?: string | null | undefined; cause?: string | null | undefined }) {
  return Object.fromEntries(Object.entries(detail).filter(([, value]) => typeof value === "string"));
}
