/**
 * The only place that says which status may follow which. Every write that changes a status carries the
 * condition `oneOf(status, allowedFrom(moves, next))`.
 */
export const runStatuses = ["queued", "running", "succeeded", "failed", "cancelled", "timed_out"] as const;
export type RunStatus = (typeof runStatuses)[number];

export const taskStatuses = ["queued", "ingesting", "scoring", "succeeded", "failed", "cancelled"] as const;
export type TaskStatus = (typeof taskStatuses)[number];

export const uploadStatuses = ["waiting", "checking", "accepted", "rejected", "expired"] as const;
export type UploadStatus = (typeof uploadStatuses)[number];

export const versionStatuses = ["verifying", "published", "held", "unpublished"] as const;
export type VersionStatus = (typeof versionStatuses)[number];

type Moves<S extends string> = Readonly<Record<S, readonly S[]>>;

export const runMoves: Moves<RunStatus> = {
  queued: ["running", "failed", "cancelled", "timed_out"],
  running: ["succeeded", "failed", "cancelled", "timed_out"],
  succeeded: [],
  failed: [],
  cancelled: [],
  timed_out: [],
};

export const taskMoves: Moves<TaskStatus> = {
  queued: ["ingesting", "scoring", "failed", "cancelled"],
  // A step that is begun again after a crash writes the status it had: a move to itself is allowed while not terminal.
  ingesting: ["ingesting", "scoring", "failed", "cancelled"],
  scoring: ["scoring", "succeeded", "failed", "cancelled"],
  succeeded: [],
  failed: [],
  cancelled: [],
};

export const uploadMoves: Moves<UploadStatus> = {
  waiting: ["checking", "expired"],
  checking: ["checking", "accepted", "rejected"],
  accepted: [],
  rejected: [],
  expired: [],
};

export const versionMoves: Moves<VersionStatus> = {
  /** Stored to be run as it is (`benchgen run DIR`), in an environment of its own: never published. */
  unpublished: [],
  verifying: ["published", "held"],
  /** Only by the author's explicit choice. */
  held: ["published"],
  published: [],
};

/** Whether nothing can follow. */
export function isTerminal<S extends string>(moves: Moves<S>, status: S): boolean {
  return moves[status].length === 0;
}

/** The statuses `next` may be written over. */
export function allowedFrom<S extends string>(moves: Moves<S>, next: S): S[] {
  return (Object.keys(moves) as S[]).filter((from) => moves[from].includes(next));
}
