/** Thrown by `Table.write` when a condition did not hold; nothing was written. */
export class ConditionFailed extends Error {
  override readonly name = "ConditionFailed";
  /** Positions, in the list given to `write`, of the operations whose conditions failed. Never empty. */
  readonly failed: readonly number[];
  constructor(failed: readonly number[]) {
    super(`condition failed on operation ${failed.join(", ")}`);
    this.failed = failed;
  }
}
