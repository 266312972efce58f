/**
 * Runs an action for every item, in order, at most `limit` at a time. After an error none is begun; it is thrown once
 * those under way have ended, so that nothing goes on behind the caller's back.
 */
export async function forEachLimited<T>(
  items: Iterable<T>,
  limit: number,
  action: (item: T) => Promise<void>,
): Promise<void> {
  const iterator = items[Symbol.iterator]();
  let failed = false;
  const worker = async (): Promise<void> => {
    for (let next = iterator.next(); next.done !== true; next = iterator.next()) {
      try {
        await action(next.value);
      } catch (error) {
        failed = true;
        throw error;
      }
      if (failed) return;
    }
  };
  const ends = await Promise.allSettled(Array.from({ length: limit }, worker));
  for (const end of ends) if (end.status === "rejected") throw end.reason;
}
