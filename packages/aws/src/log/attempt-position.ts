import type { Position } from "./position.ts";

/** Where a reader stands in each stream of each attempt at a job, by the attempt's id. */
export type AttemptPositions = ReadonlyMap<string, readonly Position[]>;

const radix = 36;

/**
 * As the parts of a cursor, one for each attempt of which something was read, short: a run's cursor holds those of all
 * of its jobs, and travels in a URL.
 */
export function encodePositions(positions: AttemptPositions): string[] {
  const begun = [...positions].filter(([, streams]) => streams.some(([at]) => at > 0));
  return begun.map(([id, streams]) => {
    const places = streams.map(([at, seen]) =>
      at === 0 ? "" : `${at.toString(radix)}.${seen.toString(radix)}`,
    );
    return `${id}:${places.join(",")}`;
  });
}

/** Reads what `encodePositions` wrote: the codec lets nothing else through. */
export function decodePositions(parts: readonly string[]): AttemptPositions {
  return new Map(
    parts.map((part) => {
      const [id = "", places = ""] = part.split(":");
      return [id, places.split(",").map(decodePlace)] as const;
    }),
  );
}

function decodePlace(place: string): Position {
  const [at = "0", seen = "0"] = place === "" ? [] : place.split(".");
  return [Number.parseInt(at, radix), Number.parseInt(seen, radix)];
}
