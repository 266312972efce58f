/** Table keys of leaderboards, only ever made here. `#` separates parts; no part may hold one. */
import type { Key } from "../ports.ts";
import type { RunId } from "../wire/id.ts";

/** Items about one run, whatever boards it is on. */
const runPartition = (runId: RunId) => `BOARDRUN#${runId}`;
/** Items about one participant on one board. */
const participantPartition = (boardId: string, participant: string) => `STANDING#${boardId}#${participant}`;
const candidatePrefix = "CANDIDATE#";

export const boardKey = {
  /** The board itself: what is needed to take a row off it when only the run is known. */
  board: (boardId: string): Key => ({ pk: `BOARD#${boardId}`, sk: "BOARD" }),
  /** A merged run on one board, whether it is shown there or not. */
  row: (boardId: string, runId: RunId): Key => ({ pk: runPartition(runId), sk: `ROW#${boardId}` }),
  /** A run that was removed: no later merge brings it back. */
  removed: (runId: RunId): Key => ({ pk: runPartition(runId), sk: "REMOVED" }),
  /** Which run a participant stands with, where the rule allows one. */
  standing: (boardId: string, participant: string): Key => ({
    pk: participantPartition(boardId, participant),
    sk: "STANDING",
  }),
  /** A run the participant could stand with, in the order of preference. */
  candidate: (boardId: string, participant: string, preference: string): Key => ({
    pk: participantPartition(boardId, participant),
    sk: `${candidatePrefix}${preference}`,
  }),
  /** A shown row in the order of one column, by the column's index. */
  entry: (boardId: string, column: number, sortKey: string): Key => ({
    pk: entryPartition(boardId, column),
    sk: sortKey,
  }),
};

export const boardPartition = {
  rowsOfRun: (runId: RunId) => ({ pk: runPartition(runId), range: { prefix: "ROW#" } }),
  candidates: (boardId: string, participant: string) => ({
    pk: participantPartition(boardId, participant),
    range: { prefix: candidatePrefix },
  }),
  entries: entryPartition,
};

function entryPartition(boardId: string, column: number): string {
  return `BOARD#${boardId}#BY#${column}`;
}
