/** Leaderboards as people ask for them: by environment, phase and key. */
import { type Principal, isAuthorOf, requireScope } from "../access/principal.ts";
import type { Phase } from "../bundle/manifest.ts";
import { type EnvironmentRecord, loadDocument, loadVersionWhole } from "../environment/record.ts";
import { resolveVersion } from "../environment/version.ts";
import { viewColumns } from "../environment/view.ts";
import { Conflict, NotFound } from "../error.ts";
import { type Board, boardsOf } from "../leaderboard/board.ts";
import { addToBoard, removeFromBoard } from "../leaderboard/choose.ts";
import { exportCsv, exportJson } from "../leaderboard/export.ts";
import { leaderboardPage } from "../leaderboard/page.ts";
import type { Ports } from "../ports.ts";
import type { LeaderboardPage } from "../wire/api.ts";
import type { RunId } from "../wire/id.ts";
import { choosePhase, isOpen } from "./phase.ts";
import { loadOwnRun } from "./read.ts";

type BoardPorts = Pick<Ports, "table" | "blobs" | "clock">;

export interface BoardChoice {
  /** Id, `name` or `workspace/name`; `@2` shows the board of that version. */
  readonly environment: string;
  /** Index or name. Default: the open phase; of several (or none) the last to begin. */
  readonly phase?: string | undefined;
  /** The leaderboard's key. Default: the first the principal may see. */
  readonly board?: string | undefined;
}

interface ChosenBoard {
  readonly environment: EnvironmentRecord;
  readonly phase: Phase;
  readonly board: Board;
  readonly includeHidden: boolean;
}

/** A page of ranked rows, in the board's own order or that of any column. @throws NotFound, InvalidInput */
export async function readLeaderboard(
  ports: BoardPorts,
  principal: Principal,
  query: BoardChoice & {
    readonly sort?: string | undefined;
    readonly direction?: "asc" | "desc" | undefined;
    readonly cursor?: string | undefined;
    readonly limit: number;
  },
): Promise<LeaderboardPage> {
  const { environment, phase, board, includeHidden } = await chooseBoard(ports, principal, query);
  const { sort: sortBy, direction, cursor, limit } = query;
  const page = await leaderboardPage(ports, board, { sortBy, direction, cursor, limit, includeHidden });
  const { key, title, columns } = board.leaderboard;
  return {
    environment: environment.name,
    phase: { index: phase.index, name: phase.name },
    key,
    title,
    columns: viewColumns(columns).filter(({ hidden }) => includeHidden || !hidden),
    sortedBy: page.sortedBy,
    rows: [...page.rows],
    ...(page.cursor === undefined ? {} : { cursor: page.cursor }),
  };
}

/** The whole board as a file, written while it is read. @throws NotFound */
export async function exportLeaderboard(
  ports: BoardPorts,
  principal: Principal,
  query: BoardChoice & { readonly format: "csv" | "json" },
): Promise<{ contentType: string; filename: string; content: AsyncIterable<string> }> {
  const { environment, phase, board, includeHidden } = await chooseBoard(ports, principal, query);
  const filename = `${environment.name}-phase${phase.index}-${board.leaderboard.key.replaceAll(/[^\w.-]+/g, "_")}`;
  return query.format === "csv"
    ? {
        contentType: "text/csv; charset=utf-8",
        filename: `${filename}.csv`,
        content: exportCsv(ports, board, { includeHidden }),
      }
    : {
        contentType: "application/json",
        filename: `${filename}.json`,
        content: exportJson(ports, board, { includeHidden }),
      };
}

/** Puts a run on its boards, where their rule leaves that to the participant. @throws Conflict, NotFound */
export async function showRun(ports: BoardPorts, principal: Principal, runId: RunId): Promise<void> {
  await forEachBoard(ports, principal, runId, addToBoard);
}

/** Takes a run off its boards, where their rule lets the participant. @throws Conflict, NotFound */
export async function hideRun(ports: BoardPorts, principal: Principal, runId: RunId): Promise<void> {
  await forEachBoard(ports, principal, runId, removeFromBoard);
}

async function forEachBoard(
  ports: BoardPorts,
  principal: Principal,
  runId: RunId,
  change: typeof addToBoard,
): Promise<void> {
  requireScope(principal, "submit");
  const run = await loadOwnRun(ports, principal, runId);
  if (run.status !== "succeeded" || run.purpose !== "evaluation") {
    const what = run.purpose === "evaluation" ? run.status : `a ${run.purpose}`;
    throw new Conflict(
      "run_not_ranked",
      `Run ${runId} is ${what}; only evaluations that succeeded are ranked.`,
    );
  }
  const { document } = await loadVersionWhole(ports, run.environmentId, run.version);
  const boards = boardsOf({ environmentId: run.environmentId, ...document }, run.phase.index);
  const refusals: unknown[] = [];
  for (const board of boards) {
    try {
      await change(ports, { board, runId, participant: run.participant });
    } catch (error) {
      // A board with another rule, or of other tasks. The run may still be another board's to choose.
      if (!(error instanceof Conflict) && !(error instanceof NotFound)) throw error;
      refusals.push(error);
    }
  }
  if (refusals.length === boards.length) throw refusals[0];
}

async function chooseBoard(
  ports: BoardPorts,
  principal: Principal,
  query: BoardChoice,
): Promise<ChosenBoard> {
  const { environment, version } = await resolveVersion(ports, principal, query.environment);
  const { manifest, files } = await loadDocument(ports.blobs, version);
  const phase = shownPhase(manifest.phases, query.phase, ports.clock.now());
  const includeHidden = isAuthorOf(principal, environment);
  const boards = boardsOf({ environmentId: environment.id, manifest, files }, phase.index).filter(
    ({ leaderboard }) => includeHidden || !leaderboard.hidden,
  );
  const board =
    query.board === undefined ? boards[0] : boards.find(({ leaderboard }) => leaderboard.key === query.board);
  if (board === undefined) {
    const keys = boards.map(({ leaderboard }) => leaderboard.key).join(", ");
    throw new NotFound("leaderboard", query.board ?? "", keys === "" ? undefined : `Choose one of: ${keys}`);
  }
  return { environment, phase, board, includeHidden };
}

/** The phase whose board is shown when none is named. Pure. */
function shownPhase(phases: readonly Phase[], asked: string | undefined, now: Date): Phase {
  if (asked !== undefined) return choosePhase(phases, asked, now);
  const open = phases.filter((phase) => isOpen(phase, now));
  const started = phases.filter(({ start }) => start === undefined || Date.parse(start) <= now.getTime());
  const phase = open.at(-1) ?? started.at(-1) ?? phases[0];
  if (phase === undefined) throw new Error("a checked manifest has a phase");
  return phase;
}
