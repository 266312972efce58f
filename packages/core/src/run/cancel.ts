import { type Principal, requireScope } from "../access/principal.ts";
import { Conflict } from "../error.ts";
import type { Run } from "../wire/api.ts";
import type { RunId } from "../wire/id.ts";
import { isTerminal, runMoves } from "../wire/status.ts";
import { type FinishPorts, finishRun } from "./finish.ts";
import { getRun, loadOwnRun } from "./read.ts";

/**
 * Ends a run now, with everything it started.
 * @throws Conflict `run_over` when it has ended already
 */
export async function cancelRun(ports: FinishPorts, principal: Principal, runId: RunId): Promise<Run> {
  requireScope(principal, "submit");
  const run = await loadOwnRun(ports, principal, runId);
  if (isTerminal(runMoves, run.status)) {
    throw new Conflict("run_over", `Run ${run.id} is ${run.status}; there is nothing left to cancel.`);
  }
  const message = `Cancelled by ${principal.name}.`;
  // The status first: what the workflow's steps still do then finds a run that is over.
  await finishRun(ports, runId, { status: "cancelled", reason: { code: "cancelled", message } });
  await ports.workflow.stop(runId, message);
  return getRun(ports, principal, runId);
}
