/** The first step of the workflow: writes the run's tasks and jobs, registers what they need, and announces the run. */
import { hashToken } from "../access/token.ts";
import type { Phase, Task } from "../bundle/manifest.ts";
import { type VersionDocument, loadVersionWhole } from "../environment/record.ts";
import { Conflict } from "../error.ts";
import { gatewayToken, grantOperation } from "../gateway/access.ts";
import { programsOf } from "../job/layout.ts";
import { type JobPolicy, jobDefinition, jobKindsOf } from "../job/definition.ts";
import type { Ports, WriteOperation } from "../ports.ts";
import { tableKey } from "../record/key.ts";
import { toItem } from "../record/record.ts";
import { writeIf } from "../record/write.ts";
import type { JobKind } from "../wire/job.ts";
import { allowedFrom, isTerminal, runMoves } from "../wire/status.ts";
import { announcementItem } from "./announcement.ts";
import { runEvent } from "./event.ts";
import { grantFor, requireNoSubmission } from "./against.ts";
import { sealOperations } from "./job-outcome.ts";
import { type JobRecord, type RunRecord, loadJobs, loadRun, queuedTask } from "./record.ts";
import type { Launch, Plan, PlannedTask, WorkflowInput } from "./workflow.ts";

type PlanPorts = Pick<Ports, "table" | "blobs" | "launcher" | "bus" | "clock" | "ids">;

/** Longer than any queue of tasks; the run's end closes the token anyway. */
const tokenSeconds = 8 * 86_400;
/** What staging in and out may take besides the program's own time: several GiB over a slow disk or network. */
const stagingSeconds = 3600;

/**
 * Plans a queued run. Repeating it (a retry, a resume after a crash) keeps the jobs and gives them new tokens.
 * @throws Conflict `run_over` when the run ended in the meantime
 * @throws InvalidInput `executor_missing` when what the run asks for cannot be run here
 */
export async function planRun(ports: PlanPorts, policy: JobPolicy, { runId }: WorkflowInput): Promise<Plan> {
  const run = await loadRun(ports.table, runId);
  if (isTerminal(runMoves, run.status)) throw runOver(run);
  if (policy.modelsOpenNetwork === true) requireNoSubmission(run);
  const { document } = await loadVersionWhole(ports, run.environmentId, run.version);
  const phase = document.manifest.phases.find(({ index }) => index === run.phase.index);
  if (phase === undefined)
    throw new Error(`run ${runId} names phase ${run.phase.index}, which its version lacks`);
  const planning = { policy, run, document, phase, existing: await loadJobs(ports.table, runId) };
  const tasks: PlannedTask[] = [];
  for (const { index } of run.taskList) {
    const task = document.manifest.tasks.find((each) => each.index === index);
    if (task === undefined) throw new Error(`run ${runId} names task ${index}, which its version lacks`);
    tasks.push(await planTask(ports, planning, task));
  }
  await beginRun(ports, run);
  return { runId, tasks };
}

/** What the tasks of a run are planned by. */
interface Planning {
  readonly policy: JobPolicy;
  readonly run: RunRecord;
  readonly document: VersionDocument;
  readonly phase: Phase;
  /** Jobs of an earlier plan of the same run. */
  readonly existing: readonly JobRecord[];
}

async function planTask(ports: PlanPorts, planning: Planning, task: Task): Promise<PlannedTask> {
  const { run } = planning;
  const launches = new Map<JobKind, Launch>();
  const operations: WriteOperation[] = [];
  for (const kind of jobKindsOf(task, run.as)) {
    const planned = await planJob(ports, planning, { task, kind });
    launches.set(kind, planned.launch);
    operations.push(...planned.operations);
  }
  await ports.table.write(operations);
  await createTask(ports, run, task);
  const ingestion = launches.get("ingestion");
  const scoring = launches.get("scoring") ?? launches.get("concurrent");
  if (scoring === undefined) throw new Error("every task has a job that scores");
  return { runId: run.id, index: task.index, ...(ingestion === undefined ? {} : { ingestion }), scoring };
}

/** One job, as the workflow launches it, and the writes that let it be. */
async function planJob(
  ports: PlanPorts,
  { policy, run, document, phase, existing }: Planning,
  { task, kind }: { readonly task: Task; readonly kind: JobKind },
): Promise<{ launch: Launch; operations: WriteOperation[] }> {
  const scorer = document.programs[task.scoringProgram];
  const { against } = run;
  const callers = programsOf[kind].flatMap((program) => {
    const grant = grantFor(against, program, scorer);
    return grant && against ? [{ program, grant, budget: against.budget }] : [];
  });
  const allowed = { ...policy, callsModel: callers.length > 0 };
  const definition = jobDefinition(kind, task, phase, document, allowed);
  const registeredAs = await ports.launcher.register(definition);
  const token = ports.ids.token();
  const expiresAt = expiryOf(ports);
  const known = existing.find((job) => job.taskIndex === task.index && job.kind === kind);
  const job: JobRecord = {
    id: known?.id ?? ports.ids.next("job"),
    runId: run.id,
    taskIndex: task.index,
    kind,
    definition,
    registeredAs,
    tokenHash: hashToken(token),
    gatewayHashes: callers.map(({ program }) => hashToken(gatewayToken(token, program))),
  };
  const opened = { runId: run.id, taskIndex: task.index };
  // On one machine a job may have to wait for another of its run to end.
  const longest = definition.limits.timeSeconds + phase.executionTimeLimit;
  const timeoutSeconds = Math.ceil(longest) + stagingSeconds;
  return {
    launch: { jobId: job.id, kind, definition: registeredAs, token, timeoutSeconds },
    operations: [
      { kind: "put", item: toItem(tableKey.job(run.id, task.index, kind), job) },
      {
        kind: "put",
        item: toItem(tableKey.jobToken(job.tokenHash), { ...opened, kind, jobId: job.id, expiresAt }),
      },
      // What an earlier plan opened opens nothing any more.
      ...(known === undefined ? [] : sealOperations(known)),
      ...callers.map(({ program, ...granted }) =>
        grantOperation(gatewayToken(token, program), { ...opened, program, ...granted, expiresAt }),
      ),
    ],
  };
}

function expiryOf({ clock }: Pick<Ports, "clock">): string {
  return new Date(clock.now().getTime() + tokenSeconds * 1000).toISOString();
}

/** A task that is there already keeps what happened to it. */
async function createTask(ports: Pick<Ports, "table">, run: RunRecord, task: Task): Promise<void> {
  const item = toItem(tableKey.task(run.id, task.index), queuedTask(task));
  await writeIf(ports.table, [{ kind: "put", item, conditions: [{ kind: "absent" }] }]);
}

async function beginRun(ports: PlanPorts, run: RunRecord): Promise<void> {
  const startedAt = run.startedAt ?? ports.clock.now().toISOString();
  const moved = await writeIf(ports.table, [
    {
      kind: "update",
      key: tableKey.run(run.id),
      set: { status: "running", startedAt },
      conditions: [{ kind: "oneOf", attribute: "status", values: allowedFrom(runMoves, "running") }],
    },
  ]);
  if (!moved && isTerminal(runMoves, (await loadRun(ports.table, run.id)).status)) throw runOver(run);
  // What was told of it stays when it is planned again.
  const announcement = announcementItem(run, ports.clock.now());
  await writeIf(ports.table, [{ kind: "put", item: announcement, conditions: [{ kind: "absent" }] }]);
  await ports.bus.publish([
    { id: `started-${run.id}`, time: startedAt, type: "Run Started", detail: runEvent(run) },
  ]);
}

function runOver(run: RunRecord): Conflict {
  return new Conflict("run_over", `Run ${run.id} ended before it was planned.`);
}
