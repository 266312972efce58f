import { scoreOf } from "@benchgen/core/score/score.ts";
import type { LeaderboardPage, LeaderboardRow } from "@benchgen/core/wire/api.ts";
import type { Interval } from "@benchgen/core/wire/report.ts";
import { formatScore, formatTime } from "./format.ts";
import { type TableColumn, table } from "./table.ts";
import { type Text, paint, text } from "./text.ts";

/** Rank, name, the visible columns at their precision; an arrow marks what it is sorted by. */
export function renderLeaderboard(board: LeaderboardPage): Text {
  const columns = board.columns.filter((column) => !column.hidden || column.key === board.sortedBy.column);
  const heads: TableColumn[] = [
    { title: "RANK", align: "right" },
    { title: "NAME" },
    ...columns.map(({ key, title }): TableColumn => {
      const arrow = board.sortedBy.direction === "desc" ? " ↓" : " ↑";
      return { title: key === board.sortedBy.column ? title + arrow : title, align: "right" };
    }),
    { title: "BY" },
    { title: "SUBMITTED (UTC)" },
  ];
  const row = ({ rank, name, scores, unscored, intervals, participant, submittedAt }: LeaderboardRow) => [
    rank,
    name,
    ...columns.map(({ key, precision }) => {
      const score = scoreOf(scores, key);
      if (score === undefined && Object.hasOwn(unscored, key)) return paint.yellow("not scored");
      const interval = intervals && Object.hasOwn(intervals, key) ? intervals[key] : undefined;
      return withInterval(formatScore(score, precision), interval, precision);
    }),
    participant,
    paint.dim(formatTime(submittedAt)),
  ];
  const head = text`${paint.bold(board.title)}  ${board.environment}, phase ${board.phase.name}`;
  const hasIntervals = board.rows.some(({ intervals = {} }) =>
    columns.some(({ key }) => Object.hasOwn(intervals, key)),
  );
  const legend = hasIntervals
    ? text`\n\n${paint.dim("[from, to]: 95 % interval, over the run's cases")}`
    : text``;
  return text`${head}\n\n${table(heads, board.rows.map(row))}${legend}`;
}

/** `0.83 [0.71, 0.90]`: 95 %, where the score is what the run's cases give. */
function withInterval(score: string, interval: Interval | undefined, precision: number): string {
  if (interval === undefined) return score;
  return `${score} [${formatScore(interval.low, precision)}, ${formatScore(interval.high, precision)}]`;
}
