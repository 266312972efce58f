/** Long computations in pieces, between which whoever else waits for the thread is served. */
import { setImmediate } from "node:timers/promises";

/** Milliseconds of computing after which others are served. */
const lengthMs = 10;

/** Of steps that take less than a microsecond, one in so many asks the clock: to ask takes as long as they do. */
export const smallSteps = 1024;

/**
 * A computation's turn on its thread. A server has one thread for every request and stream, so what goes through many
 * cases asks between the pieces of its work: `if (turn.isOver) await turn.pass();`. When that is depends on the clock;
 * what is computed must not. One turn for all steps of a computation: several short ones are together a long one.
 */
export class Turn {
  #end = performance.now() + lengthMs;

  get isOver(): boolean {
    return performance.now() >= this.#end;
  }

  /** Resolves when everyone who waited has been served; the next turn begins then. */
  async pass(): Promise<void> {
    await setImmediate();
    this.#end = performance.now() + lengthMs;
  }
}
