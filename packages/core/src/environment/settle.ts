/** What the runs of a version's solutions decide about it. */
import type { Manifest } from "../bundle/manifest.ts";
import type { Ports } from "../ports.ts";
import { writeIf } from "../record/write.ts";
import { loadRun, loadTasks, viewRun } from "../run/record.ts";
import type { Run } from "../wire/api.ts";
import type { Finding } from "../wire/finding.ts";
import { isTerminal, runMoves } from "../wire/status.ts";
import { announceVersion, moveVersion, publishVersion } from "./publish.ts";
import { loadDocument, loadEnvironment, loadVersion } from "./record.ts";

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
