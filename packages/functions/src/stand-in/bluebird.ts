/**
 * The two functions of bluebird that unzipper calls when it reads a zip's directory, over the language's own promises:
 * the whole of it is 95 KB.
 */

/** Waits for every value of an object. */
export async function props(object: Readonly<Record<string, unknown>>): Promise<Record<string, unknown>> {
  const waiting = Object.entries(object).map(async ([name, value]) => [name, await value] as const);
  return Object.fromEntries(await Promise.all(waiting));
}

/** One after the other. */
export async function mapSeries<T, R>(values: readonly T[], map: (value: T) => R): Promise<Awaited<R>[]> {
  const mapped: Awaited<R>[] = [];
  for (const value of values) mapped.push(await map(value));
  return mapped;
}
