/**
 * What a page of a leaderboard costs as the board grows: first page, a page in the middle, and pages by another column,
 * in both directions. Run with `node bench/leaderboard-page.ts`; the numbers are in docs/benchmarks.md.
 */
import type { Board } from "@benchgen/core/leaderboard/board.ts";
import { type BoardQuery, leaderboardPage, maxPageRows } from "@benchgen/core/leaderboard/page.ts";
import { type BoardRow, entryItems, rowItem } from "@benchgen/core/leaderboard/row.ts";
import { type Item, type Ports, maxWriteOperations } from "@benchgen/core/ports.ts";
import { createTable } from "@benchgen/local/table/table.ts";
import { temporaryDataDirectory } from "../test/support/data-directory.ts";
import { newBoard, newColumn, newLeaderboard, newRow } from "../test/support/leaderboard.ts";

type TablePort = Pick<Ports, "table">;

const sizes = [100, 10_000, 100_000];
const limit = 50;
const rounds = 301;

function boardOf(rows: number): Board {
  const columns = [
    newColumn(0, "accuracy"),
    newColumn(1, "f1"),
    newColumn(2, "loss", { sorting: "asc" }),
    newColumn(3, "mean", { computation: "avg", computationIndexes: [0, 1] }),
  ];
  return { ...newBoard(newLeaderboard(columns, { key: `board-${rows}` })), tasks: [0, 1] };
}

/** Spread evenly, with ties, and in no order of submission. */
function rowOf(number: number): BoardRow {
  const accuracy = ((number * 7919) % 1009) / 1009;
  const f1 = ((number * 104_729) % 997) / 997;
  const scores = { accuracy, f1, loss: 1 - accuracy * f1, mean: (accuracy + f1) / 2 };
  return newRow(number, scores, {
    participant: `participant-${number % 500}`,
    tasks: [
      { index: 0, scores },
      { index: 1, scores },
    ],
  });
}

/** The very items a merge writes, many rows at once. */
async function fill({ table }: TablePort, board: Board, rows: number): Promise<void> {
  let items: Item[] = [];
  const flush = async () => {
    if (items.length > 0) await table.write(items.map((item) => ({ kind: "put", item })));
    items = [];
  };
  for (let number = 0; number < rows; number++) {
    const row = rowOf(number);
    const own = [rowItem(board, row, true), ...entryItems(board, row)];
    if (items.length + own.length > maxWriteOperations) await flush();
    items.push(...own);
  }
  await flush();
}

/** A cursor halfway through the board, reached as a reader would: by turning pages. */
async function middleOf(
  ports: TablePort,
  board: Board,
  rows: number,
  sort: Sort,
): Promise<string | undefined> {
  let cursor: string | undefined;
  for (let left = rows / 2; left > 0; left -= Math.min(left, maxPageRows)) {
    ({ cursor } = await leaderboardPage(ports, board, {
      ...sort,
      cursor,
      limit: Math.min(left, maxPageRows),
    }));
  }
  return cursor;
}

type Sort = Pick<BoardQuery, "sortBy" | "direction">;

/** Median time of each, measured in turns, so that a busy moment of the machine meets all of them. */
async function medians(works: readonly (() => Promise<unknown>)[]): Promise<number[]> {
  const times = works.map((): number[] => []);
  for (let round = 0; round < rounds; round++) {
    for (const [which, work] of works.entries()) {
      const started = performance.now();
      await work();
      times[which]?.push(performance.now() - started);
    }
  }
  return times.map((own) => own.sort((a, b) => a - b)[(rounds - 1) / 2] ?? Number.NaN);
}

function printRow(name: string, times: readonly number[]): void {
  const [smallest = Number.NaN] = times;
  const cells = times.map((time, which) =>
    which === 0 ? time.toFixed(2) : `${time.toFixed(2)} (${(time / smallest).toFixed(2)} ×)`,
  );
  console.log(`| ${name} | ${cells.join(" | ")} |`);
}

const kinds: readonly { name: string; sort: Sort; middle: boolean }[] = [
  { name: "first page", sort: {}, middle: false },
  { name: "page in the middle", sort: {}, middle: true },
  { name: "by another column, first", sort: { sortBy: "loss" }, middle: false },
  { name: "by another column, middle", sort: { sortBy: "loss" }, middle: true },
  { name: "in the other direction, first", sort: { sortBy: "f1", direction: "asc" }, middle: false },
  { name: "in the other direction, middle", sort: { sortBy: "f1", direction: "asc" }, middle: true },
];

const data = temporaryDataDirectory();
try {
  const ports: TablePort = { table: createTable(data) };
  const boards = sizes.map((rows) => ({ rows, board: boardOf(rows) }));
  for (const { board, rows } of boards) await fill(ports, board, rows);
  console.log(
    `| page of ${limit}, ms | ${sizes.map((rows) => `${rows.toLocaleString("en")} rows`).join(" | ")} |`,
  );
  console.log(`|---|${sizes.map(() => "---|").join("")}`);
  for (const { name, sort, middle } of kinds) {
    const queries = [];
    for (const { board, rows } of boards) {
      const cursor = middle ? await middleOf(ports, board, rows, sort) : undefined;
      queries.push(() => leaderboardPage(ports, board, { ...sort, cursor, limit }));
    }
    printRow(name, await medians(queries));
  }
} finally {
  data.close();
}
