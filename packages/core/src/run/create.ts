/** Writes a run and starts its workflow. */
import type { Phase } from "../bundle/manifest.ts";
import type { EnvironmentRecord } from "../environment/record.ts";
import { LimitReached } from "../error.ts";
import { ConditionFailed, type Key, type Ports, type WriteOperation } from "../ports.ts";
import { indexKey, tableKey } from "../record/key.ts";
import { toItem } from "../record/record.ts";
import type { SubmissionRecord } from "../submission/record.ts";
import type { Run, SubmissionKind } from "../wire/api.ts";
import type { RunId } from "../wire/id.ts";
import type { Against } from "./against.ts";
import type { RunRecord } from "./record.ts";

export interface NewRun {
  readonly id: RunId;
  readonly environment: EnvironmentRecord;
  readonly version: number;
  readonly phase: Phase;
  readonly tasks: readonly { readonly index: number; readonly name: string }[];
  readonly submission: SubmissionRecord;
  /** `workspace/name`. */
  readonly participantKey: string;
  readonly participant: string;
  readonly as: SubmissionKind;
  readonly name: string;
  readonly purpose: Run["purpose"];
  readonly against?: Against | undefined;
  readonly retryOf?: RunId;
}

/**
 * Creates the run and, in the same write, counts it against the phase's limits; then starts its workflow.
 * Creating the same id again does nothing but make sure that the workflow has started.
 * @throws LimitReached `limit_total` or `limit_day`
 */
export async function createRun(
  ports: Pick<Ports, "table" | "workflow" | "clock">,
  input: NewRun,
): Promise<RunRecord> {
  const createdAt = ports.clock.now().toISOString();
  const counted = input.purpose === "evaluation";
  const record = newRecord(input, createdAt, counted);
  const operations: WriteOperation[] = [
    {
      kind: "put",
      item: toItem(tableKey.run(record.id), record, {
        gsi1: { pk: indexKey.workspaceRuns(record.workspace), sk: record.id },
        gsi2: { pk: indexKey.environmentRuns(record.environmentId), sk: record.id },
      }),
      conditions: [{ kind: "absent" }],
    },
    { kind: "put", item: { ...tableKey.open("RUN", record.id), since: createdAt } },
    ...(counted ? countOperations(record, input.phase) : []),
  ];
  try {
    await ports.table.write(operations);
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
    if (!error.failed.includes(0)) throw limitReached(input, error.failed, new Date(createdAt));
  }
  // Should we die here, the sweep finds the open run and starts it.
  await ports.workflow.start(record.id, { runId: record.id });
  return record;
}

function newRecord(input: NewRun, createdAt: string, counted: boolean): RunRecord {
  return {
    id: input.id,
    name: input.name,
    participant: input.participant,
    participantKey: input.participantKey,
    workspace: input.environment.workspace,
    environmentId: input.environment.id,
    environment: input.environment.name,
    version: input.version,
    phase: { index: input.phase.index, name: input.phase.name },
    submissionId: input.submission.id,
    submission: {
      sha256: input.submission.sha256,
      size: input.submission.size,
      holdsCode: input.submission.holdsCode,
    },
    as: input.as,
    purpose: input.purpose,
    status: "queued",
    scores: {},
    unscored: {},
    hidden: {
      output: input.phase.hideOutput,
      predictions: input.phase.hidePredictionOutput,
      scoring: input.phase.hideScoreOutput,
    },
    taskList: input.tasks.map(({ index, name }) => ({ index, name })),
    createdAt,
    ...(counted ? { countedOn: createdAt.slice(0, 10) } : {}),
    ...(input.against === undefined ? {} : { against: input.against }),
    ...(input.retryOf === undefined ? {} : { retryOf: input.retryOf }),
  };
}

/** The counters are written even without a limit: a revised bundle may bring one, and what was used counts. */
function countOperations(record: RunRecord, phase: Phase): WriteOperation[] {
  const { environmentId, participantKey, countedOn = "" } = record;
  const below = (limit: number | undefined) =>
    limit === undefined ? {} : { conditions: [{ kind: "below" as const, attribute: "used", value: limit }] };
  return [
    {
      kind: "update",
      key: tableKey.quotaTotal(environmentId, phase.index, participantKey),
      add: { used: 1 },
      ...below(phase.maxSubmissions),
    },
    {
      kind: "update",
      key: tableKey.quotaDay(environmentId, phase.index, participantKey, countedOn),
      add: { used: 1 },
      ...below(phase.maxSubmissionsPerDay),
    },
  ];
}

/** Gives back what `createRun` counted. */
export function refundOperations(record: RunRecord): WriteOperation[] {
  if (record.countedOn === undefined) return [];
  const { environmentId, participantKey, phase, countedOn } = record;
  const back = (key: Key): WriteOperation => ({ kind: "update", key, add: { used: -1 } });
  return [
    back(tableKey.quotaTotal(environmentId, phase.index, participantKey)),
    back(tableKey.quotaDay(environmentId, phase.index, participantKey, countedOn)),
  ];
}

function limitReached({ phase }: NewRun, failed: readonly number[], now: Date): LimitReached {
  // Positions in the write: the run, its open mark, the total, the day.
  if (failed.includes(2)) {
    return new LimitReached(
      "limit_total",
      `All ${phase.maxSubmissions} submissions that "${phase.name}" allows each participant are used.`,
      {
        hint: "Runs that failed because of the platform, or were cancelled before they started, do not count.",
      },
    );
  }
  return new LimitReached(
    "limit_day",
    `All ${phase.maxSubmissionsPerDay} submissions that "${phase.name}" allows each participant a day are used.`,
    {
      hint: "The next day begins at 00:00 UTC.",
      details: { retryAfterSeconds: (new Date(now).setUTCHours(24, 0, 0, 0) - now.getTime()) / 1000 },
    },
  );
}
