/**
 * A version's solutions are run through the real pipeline before it is published; one whose solution fails is held
 * back and says why. Source: bundle contract §8.
 */
import { blobSource } from "../bundle/byte-source.ts";
import { type Manifest, type Solution, type StoredFile } from "../bundle/manifest.ts";
import { bundlePath } from "../bundle/store.ts";
import { openZip } from "../bundle/zip-archive.ts";
import { ConditionFailed, type Ports } from "../ports.ts";
import { tableKey } from "../record/key.ts";
import { toAttributes, toItem } from "../record/record.ts";
import { createRun } from "../run/create.ts";
import { loadRun, loadTasks, viewRun } from "../run/record.ts";
import { kindOf, tasksOf } from "../run/start.ts";
import { inspectSubmission } from "../submission/inspect.ts";
import type { SubmissionRecord } from "../submission/record.ts";
import type { Run } from "../wire/api.ts";
import type { Finding } from "../wire/finding.ts";
import { blobKey } from "../wire/key.ts";
import { isTerminal, runMoves } from "../wire/status.ts";
import { announceVersion, moveVersion, publishVersion } from "./publish.ts";
import {
  type EnvironmentRecord,
  type VersionRecord,
  loadDocument,
  loadEnvironment,
  loadVersion,
} from "./record.ts";

type VerifyPorts = Pick<Ports, "table" | "blobs" | "workflow" | "bus" | "clock" | "ids">;

/** Starts a run per solution, or publishes at once when there is none. Safe to repeat. */
export async function verifyVersion(
  ports: VerifyPorts,
  environment: EnvironmentRecord,
  version: VersionRecord,
): Promise<void> {
  const { manifest, files } = await loadDocument(ports.blobs, version);
  if (manifest.solutions.length === 0) return publishQuietly(ports, environment, version, {});
  const planned = await planVerifications(ports, version, manifest);
  for (const verification of planned.verifications) {
    const solution = manifest.solutions.find(({ index }) => index === verification.solution);
    const stored = solution && bundlePath(files, solution.path);
    if (solution === undefined || stored === undefined) continue;
    await startVerification(ports, environment, version, manifest, { solution, stored, verification });
  }
}

/** The ids are written first, so that a repeat starts the same runs and not more of them. */
async function planVerifications(
  ports: VerifyPorts,
  version: VersionRecord,
  manifest: Manifest,
): Promise<VersionRecord> {
  if (version.verifications.length > 0) return version;
  const verifications = manifest.solutions.map((solution) => ({
    solution: solution.index,
    phase: phaseOf(manifest, solution).index,
    runId: ports.ids.next("run"),
    status: "queued" as const,
  }));
  try {
    await ports.table.write([
      {
        kind: "update",
        key: tableKey.version(version.environmentId, version.number),
        set: { verifications, verificationPlanned: true },
        conditions: [{ kind: "missing", attribute: "verificationPlanned" }],
      },
    ]);
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
  }
  return loadVersion(ports.table, version.environmentId, version.number);
}

async function startVerification(
  ports: VerifyPorts,
  environment: EnvironmentRecord,
  version: VersionRecord,
  manifest: Manifest,
  {
    solution,
    stored,
    verification,
  }: { solution: Solution; stored: StoredFile; verification: VersionRecord["verifications"][number] },
): Promise<void> {
  const archive = await openZip(await blobSource(ports.blobs, blobKey.content(stored.sha256)));
  const { holdsCode } = inspectSubmission(archive, solution.path);
  const submission: SubmissionRecord = {
    id: `sub_${verification.runId.slice("run_".length)}`,
    workspace: environment.workspace,
    participant: version.createdBy,
    filename: solution.path,
    size: stored.size,
    sha256: stored.sha256,
    holdsCode,
    createdAt: ports.clock.now().toISOString(),
  };
  await ports.table.write([{ kind: "put", item: toItem(tableKey.submission(submission.id), submission) }]);
  const expected = kindOf(manifest, solution.tasks, undefined);
  await createRun(ports, {
    id: verification.runId,
    environment,
    version: version.number,
    phase: phaseOf(manifest, solution),
    tasks: tasksOf(manifest, solution.tasks),
    submission,
    participant: version.createdBy,
    participantKey: `${environment.workspace}/${version.createdBy}`,
    // Public bundles ship ready predictions as the solution of an environment that would run code.
    as: holdsCode ? expected : "predictions",
    name: solution.name ?? `solution ${solution.index}`,
    purpose: "verification",
  });
}

/** Called when a verification run is over: publishes or holds the version once the last one is. Idempotent. */
export async function settleVersion(
  ports: VerifyPorts,
  run: Pick<Run, "environmentId" | "version">,
): Promise<void> {
  const version = await loadVersion(ports.table, run.environmentId, run.version);
  if (version.status === "published" && version.forced === undefined) {
    // Called again after a crash: the event may have been lost.
    return announceVersion(ports, await loadEnvironment(ports.table, run.environmentId), version);
  }
  if (version.status !== "verifying" || version.verifications.length === 0) return;
  const runs = await Promise.all(
    version.verifications.map(async ({ runId }) =>
      viewRun(await loadRun(ports.table, runId), await loadTasks(ports.table, runId), true),
    ),
  );
  if (!runs.every(({ status }) => isTerminal(runMoves, status))) return;
  const verifications = version.verifications.map((verification, position) => ({
    ...verification,
    status: runs[position]?.status ?? verification.status,
    reason: runs[position]?.reason,
  }));
  const failed = runs.filter(({ status }) => status !== "succeeded");
  if (failed.length > 0) {
    const heldBecause = failed
      .map((each) => `${each.name} ${each.status}: ${each.reason?.message ?? "no reason was recorded"}`)
      .join("; ");
    return writeQuietly(ports, [moveVersion(version, "held", toAttributes({ verifications, heldBecause }))]);
  }
  const environment = await loadEnvironment(ports.table, version.environmentId);
  const { manifest } = await loadDocument(ports.blobs, version);
  await publishQuietly(ports, environment, version, {
    verifications,
    findings: [...version.findings, ...missingColumns(manifest, runs)],
  });
}

/** Columns no solution has scored: the program does not write that key, or the column names it wrongly. */
export function missingColumns(
  manifest: Manifest,
  runs: readonly Pick<Run, "scores" | "unscored">[],
): Finding[] {
  const written = new Set(runs.flatMap((run) => [...Object.keys(run.scores), ...Object.keys(run.unscored)]));
  return manifest.leaderboards.flatMap((board) =>
    board.columns
      .filter((column) => column.computation === undefined && !written.has(column.key))
      .map((column) => ({
        level: "warning" as const,
        code: "leaderboard.column_never_scored",
        message: `No solution's scores have the key "${column.key}" of column "${column.title}".`,
        file: "competition.yaml",
        hint: `Let the scoring program write "${column.key}" to scores.json, or remove the column. Keys it wrote: ${[...written].join(", ")}`,
      })),
  );
}

function phaseOf(manifest: Manifest, solution: Solution): Manifest["phases"][number] {
  const phase =
    manifest.phases.find(({ tasks }) => solution.tasks.some((index) => tasks.includes(index))) ??
    manifest.phases[0];
  if (phase === undefined) throw new Error("a checked manifest has a phase");
  return phase;
}

/** Another delivery may have published it already: then there is nothing left to do. */
async function publishQuietly(
  ports: VerifyPorts,
  environment: EnvironmentRecord,
  version: VersionRecord,
  change: Parameters<typeof publishVersion>[3],
): Promise<void> {
  try {
    await publishVersion(ports, environment, version, change);
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
  }
}

async function writeQuietly(
  ports: Pick<Ports, "table">,
  operations: Parameters<Ports["table"]["write"]>[0],
): Promise<void> {
  try {
    await ports.table.write(operations);
  } catch (error) {
    if (!(error instanceof ConditionFailed)) throw error;
  }
}
