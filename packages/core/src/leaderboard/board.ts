/** Which runs may be ranked together: a board's identity. */
import { createHash } from "node:crypto";
import type { Column, FileMap, Leaderboard, Manifest, Task } from "../bundle/manifest.ts";
import { NotFound } from "../error.ts";
import type { EnvironmentId } from "../wire/id.ts";

/** One leaderboard of one phase, as one set of comparable rows. */
export interface Board {
  /** Equal exactly when rows are comparable. */
  readonly id: string;
  readonly environmentId: EnvironmentId;
  readonly phaseIndex: number;
  /** Indexes of the phase's tasks, ascending. */
  readonly tasks: readonly number[];
  readonly leaderboard: Leaderboard;
}

/** What a board is made from: one version of an environment. */
export interface BoardVersion {
  readonly environmentId: EnvironmentId;
  readonly manifest: Manifest;
  readonly files: FileMap;
}

/**
 * The boards of a phase, one per leaderboard, in the manifest's order.
 *
 * Versions share a board where the rows mean the same: equal programs, data and image of the phase's tasks, and an
 * equal leaderboard in all that makes or orders values. A version that differs in prose only (titles, pages, dates,
 * `precision`) goes on with the board; any other begins an empty one, and the old rows stay with the old version. Time
 * limits are not part of it: they decide whether a run ends, not what its scores mean.
 * @throws NotFound when the version has no such phase
 */
export function boardsOf(version: BoardVersion, phaseIndex: number): readonly Board[] {
  const { environmentId, manifest } = version;
  const phase = manifest.phases.find(({ index }) => index === phaseIndex);
  if (phase === undefined) throw new NotFound("phase", String(phaseIndex));
  const tasks = manifest.tasks.filter(({ index }) => phase.tasks.includes(index));
  const taskIdentities = tasks.map((task) => taskIdentity(version, task));
  return manifest.leaderboards.map((leaderboard) => {
    const identity = JSON.stringify([1, phaseIndex, taskIdentities, leaderboardIdentity(leaderboard)]);
    const hash = createHash("sha256").update(identity).digest("hex").slice(0, 32);
    return {
      id: `${environmentId}.${phaseIndex}.${hash}`,
      environmentId,
      phaseIndex,
      tasks: tasks.map(({ index }) => index),
      leaderboard,
    };
  });
}

function taskIdentity({ manifest, files }: BoardVersion, task: Task): unknown {
  const hashOf = (path: string | undefined) => {
    if (path === undefined) return null;
    const file = Object.hasOwn(files, path) ? files[path] : undefined;
    // A stored version has every file its manifest names: this is damage, not input.
    if (file === undefined) throw new Error(`the version does not hold "${path}"`);
    return file.sha256;
  };
  return [
    task.index,
    hashOf(task.scoringProgram),
    hashOf(task.referenceData),
    hashOf(task.ingestionProgram),
    hashOf(task.inputData),
    task.ingestionOnlyDuringScoring,
    task.dockerImage ?? manifest.dockerImage ?? null,
  ];
}

function leaderboardIdentity(leaderboard: Leaderboard): unknown {
  return [
    leaderboard.key,
    leaderboard.hidden,
    leaderboard.primaryIndex,
    leaderboard.submissionRule ?? null,
    leaderboard.columns.map(columnIdentity),
  ];
}

function columnIdentity(column: Column): unknown {
  const { index, key, sorting, computation, computationIndexes, hidden } = column;
  return [index, key, sorting, computation ?? null, [...computationIndexes].sort((a, b) => a - b), hidden];
}
