/**
 * The local table: writes and reads a second, and what a page costs as the partition grows.
 * Run with `node bench/table.ts`.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Item, Table } from "@benchgen/core/ports.ts";
import { systemClock } from "@benchgen/local/clock.ts";
import { createCursorCodec } from "@benchgen/local/cursor.ts";
import { openDatabase } from "@benchgen/local/database.ts";
import { createTable } from "@benchgen/local/table/table.ts";

const sizes = [100, 10_000, 100_000];
const pageSize = 50;
const operations = 20_000;

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

async function medianMs(work: () => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round < 301; round++) {
    const started = performance.now();
    await work();
    times.push(performance.now() - started);
  }
  return times.sort((a, b) => a - b)[150]!;
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

  console.log(
    "| rows | first page, ms | a page in the middle, ms | from the end, ms | middle, ratio to 100 |",
  );
  console.log("|---|---|---|---|---|");
  let smallest: number | undefined;
  for (const rows of sizes) {
    await fill(table, String(rows), rows);
    const board = { index: "gsi1" as const, pk: `board#${rows}`, limit: pageSize };
    const first = await medianMs(() => table.query(board));
    const cursor = await middle(table, board.pk, rows);
    const inside = await medianMs(() => table.query({ ...board, cursor }));
    const last = await medianMs(() => table.query({ ...board, reverse: true }));
    smallest ??= inside;
    const ratio = (inside / smallest).toFixed(2);
    console.log(`| ${rows} | ${first.toFixed(2)} | ${inside.toFixed(2)} | ${last.toFixed(2)} | ${ratio} |`);
  }
} finally {
  database.close();
  rmSync(dir, { recursive: true });
}
