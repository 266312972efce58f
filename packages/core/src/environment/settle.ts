/** What the runs of a version's solutions decide about it. */
import type { Manifest } from "../bundle/manifest.ts";
import type { Ports } from "../ports.ts";
import { writeIf } from "../record/write.ts";
import { loadRun, loadTasks, viewRun } from "../run/record.ts";
import type { Run } from "../wire/api.ts";
import type { Finding } from "../wire/finding.ts";
import { isTerminal, runMoves } from "../wire/status.ts";
import { announceVersion, moveVersion, publishVersion } from "./publish.ts";
import { type VersionRecord, loadDocument, loadEnvironment, loadVersion } from "./record.ts";

/** Runs whose reason is kept with the version, which is one item of the table; each run keeps its own. */
const maxTold = 20;

/** Called when a verification run is over: publishes or holds the version once the last one is. Idempotent. */
export async function settleVersion(
  ports: Pick<Ports, "table" | "blobs" | "bus" | "clock">,
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
  const { verifications, heldBecause } = verdictOf(version, runs);
  if (heldBecause !== undefined) {
    await writeIf(ports.table, [moveVersion(version, "held", { verifications, heldBecause })]);
    return;
  }
  const environment = await loadEnvironment(ports.table, version.environmentId);
  const { manifest } = await loadDocument(ports.blobs, version);
  await publishVersion(ports, environment, version, {
    verifications,
    findings: [...version.findings, ...missingColumns(manifest, runs)],
  });
}

/** How the solutions ended, and why the version is held back if it is. @param runs in the order of the verifications */
export function verdictOf(
  { verifications }: Pick<VersionRecord, "verifications">,
  runs: readonly Pick<Run, "name" | "status" | "reason">[],
): Pick<VersionRecord, "verifications" | "heldBecause"> {
  const failed = runs.filter(({ status }) => status !== "succeeded");
  const told = failed.slice(0, maxTold);
  const ended = verifications.map((verification, position) => {
    const run = runs[position];
    const reason = run !== undefined && told.includes(run) ? run.reason : undefined;
    return { ...verification, status: run?.status ?? verification.status, reason };
  });
  if (failed.length === 0) return { verifications: ended };
  const reasons = told.map(
    ({ name, status, reason }) => `${name} ${status}: ${reason?.message ?? "no reason was recorded"}`,
  );
  if (failed.length > told.length) reasons.push(`and ${failed.length - told.length} more`);
  return { verifications: ended, heldBecause: reasons.join("; ") };
}

/** Columns no solution has scored: the program does not write that key, or the column names it wrongly. */
function missingColumns(manifest: Manifest, runs: readonly Pick<Run, "scores" | "unscored">[]): Finding[] {
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
