import type { LogLine } from "@benchgen/core/ports.ts";

/** In one stream: a time in milliseconds, and how many of the lines of that very millisecond were read. */
export type Position = readonly [at: number, seen: number];

export interface PlacedLine {
  readonly line: LogLine;
  /** Which of the streams it is from. */
  readonly source: number;
}

/** The lines of several streams by their times; those of one stream stay in order. */
export function mergedLines(streams: readonly (readonly LogLine[])[]): PlacedLine[] {
  const all = streams.flatMap((lines, source) => lines.map((line) => ({ line, source })));
  return all.sort((a, b) => a.line.at - b.line.at);
}

/** The first lines, up to `count` and until their texts have `bytes`; at least one where there are any. */
export function firstLines(lines: readonly PlacedLine[], count: number, bytes: number): PlacedLine[] {
  let left = bytes;
  const isPast = ({ line }: PlacedLine): boolean => (left -= Buffer.byteLength(line.text)) < 0;
  const past = lines.findIndex((line, index) => isPast(line) && index > 0);
  return lines.slice(0, past === -1 ? count : Math.min(past, count));
}

/** The position after further lines of its stream. */
export function positionAfter(position: Position, lines: readonly PlacedLine[]): Position {
  const at = lines.at(-1)?.line.at;
  if (at === undefined) return position;
  const seen = lines.filter(({ line }) => line.at === at).length;
  return at === position[0] ? [at, position[1] + seen] : [at, seen];
}
