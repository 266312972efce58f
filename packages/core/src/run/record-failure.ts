/** Catches what went wrong around a task's jobs, and ends the task with a reason a person can act on. */
import type * as z from "zod";
import type { Ports } from "../ports.ts";
import { type Reason, type ReasonCode, reasonCodes } from "../wire/reason.ts";
import { failTask } from "./job-outcome.ts";
import { readCause } from "./step-error.ts";
import { readStoppedTask } from "./stopped-task.ts";
import { type Caught, caughtSchema, plannedTaskSchema } from "./workflow.ts";

/** What the catch of a step of a task hands over. */
export const taskFailureSchema = plannedTaskSchema.extend({ caught: caughtSchema });

/** The catch of every step of a task leads here. */
export async function recordFailure(
  ports: Pick<Ports, "table" | "clock">,
  input: z.input<typeof taskFailureSchema>,
): Promise<void> {
  const { runId, index, caught } = taskFailureSchema.parse(input);
  await failTask(ports, runId, index, reasonOf(caught));
}

/** The reason in what a catch handed over: ours where the error's code is a reason's, the platform's otherwise. Pure. */
export function reasonOf(caught: Caught): Reason {
  if (caught.Error === "States.Timeout") {
    return { code: "timed_out", message: "The platform gave up waiting for the job to end." };
  }
  const stopped = readStoppedTask(caught.Cause);
  if (stopped !== undefined) return stopped;
  const cause = readCause(caught.Cause);
  const code: ReasonCode = isReasonCode(cause.code) ? cause.code : "platform_fault";
  const message = cause.message === "" ? `The platform failed (${caught.Error}).` : cause.message;
  const hint = cause.hint ?? (code === "platform_fault" ? "Run it again with: benchgen retry" : undefined);
  return { code, message, ...(hint === undefined ? {} : { hint }) };
}

function isReasonCode(code: string | undefined): code is ReasonCode {
  return reasonCodes.some((known) => known === code);
}
