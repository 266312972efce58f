import { ConditionFailed, type Table, type WriteOperation } from "../ports.ts";

/** Whether the write took place: false when a condition did not hold, and nothing was written. */
export async function writeIf(
  table: Pick<Table, "write">,
  operations: readonly WriteOperation[],
): Promise<boolean> {
  try {
    await table.write(operations);
    return true;
  } catch (error) {
    if (error instanceof ConditionFailed) return false;
    throw error;
  }
}
