/**
 * The local table: writes and reads a second, and what a page costs as the partition grows.
 * Run with `node bench/table.ts`.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Item, Table } from "@benchgen/core/ports.ts";
import { systemClock } from "@benchgen/local/clock.ts";
import { createCursorCodec } from "@benchgen/core/port/cursor.ts";
import { openDatabase } from "@benchgen/local/database.ts";
import { createTable } from "@benchgen/local/table/table.ts";

const sizes = [100, 10_000, 100_000];
const pageSize = 50;
const operations = 20_000;
const rounds = 401;

function item(pk: string, index: number): Item {
  const rank = String((index * 7919) % 1_000_003).padStart(8, "0");
  const scores = { accuracy: index / 3, latency: index * 2, cost: 0.25 };
  return { pk, sk: `row#${index}`, gsi1pk: `board#${pk}`, gsi1sk: rank, scores, title: "x".repeat(300) };
}

async function perSecond(count: number, work: (index: number) => Promise<unknown>): Promise<number> {
  const started = performance.now();
  for (let index = 0; index < count; index++) await work(index);
  return Math.round((count * 1000) / (performance.now() - started));
}

/** Median milliseconds of each, taken in turns so that a busy moment of the machine falls on all alike. */
async function medians(works: readonly (() => Promise<unknown>)[]): Promise<number[]> {
  const times: number[][] = works.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (const [index, work] of works.entries()) {
      const started = performance.now();
      await work();
      times[index]!.push(performance.now() - started);
    }
  }
  return times.map((each) => each.sort((a, b) => a - b)[Math.floor(rounds / 2)]!);
}

async function fill(table: Table, pk: string, count: number): Promise<void> {
  for (let first = 0; first < count; first += 100) {
    const length = Math.min(100, count - first);
    await table.write(
      Array.from({ length }, (_, offset) => ({ kind: "put", item: item(pk, first + offset) })),
    );
  }
}

/** A cursor halfway through the index, reached as a reader would: page by page. */
async function middle(table: Table, pk: string, rows: number): Promise<string> {
  let cursor: string | undefined;
  for (let read = 0; read < rows / 2; read += pageSize) {
    const query = { index: "gsi1", pk, limit: pageSize } as const;
    ({ cursor } = await table.query(cursor === undefined ? query : { ...query, cursor }));
  }
  return cursor!;
}

const dir = mkdtempSync(join(tmpdir(), "benchgen-bench-"));
const database = openDatabase(dir);
try {
  const table = createTable({ database, cursors: createCursorCodec(Buffer.alloc(32)), clock: systemClock });
  const conditional = { conditions: [{ kind: "absent" as const }] };
  const puts = await perSecond(operations, (index) =>
    table.write([{ kind: "put", item: item("speed", index), ...conditional }]),
  );
  const gets = await perSecond(operations, (index) => table.get({ pk: "speed", sk: `row#${index}` }));
  console.log(`| conditional puts/s | gets/s |\n|---|---|\n| ${puts} | ${gets} |\n`);

  const boards = sizes.map((rows) => ({ index: "gsi1" as const, pk: `board#${rows}`, limit: pageSize }));
  const cursors: string[] = [];
  for (const [index, rows] of sizes.entries()) {
    await fill(table, String(rows), rows);
    cursors.push(await middle(table, boards[index]!.pk, rows));
  }
  const first = await medians(boards.map((board) => () => table.query(board)));
  const inside = await medians(
    boards.map((board, index) => () => table.query({ ...board, cursor: cursors[index]! })),
  );
  const last = await medians(boards.map((board) => () => table.query({ ...board, reverse: true })));
  console.log(
    "| rows | first page of 50, ms | in the middle, ms | the last, ms | middle, ratio to 100 rows |",
  );
  console.log("|---|---|---|---|---|");
  for (const [index, rows] of sizes.entries()) {
    const row = [first[index]!, inside[index]!, last[index]!].map((ms) => ms.toFixed(2));
    console.log(`| ${rows} | ${row.join(" | ")} | ${(inside[index]! / inside[0]!).toFixed(2)} |`);
  }
} finally {
  database.close();
  rmSync(dir, { recursive: true });
}
