/** A call while it is under way: what is set aside for it, kept alive as long as this process is. */
import { ConditionFailed, type Ports } from "../ports.ts";
import { tableKey } from "../record/key.ts";
import { writeIf } from "../record/write.ts";
import type { Amount } from "./budget.ts";
import {
  type Call,
  type CallItem,
  aliveOperation,
  beginOperations,
  endOperations,
  endedBefore,
  loadTotals,
} from "./call.ts";
import {
  type Reservation,
  type TotalsChange,
  presentSlot,
  renew,
  settle,
  settleLate,
  slotAt,
  slotMs,
} from "./reservation.ts";

type LeasePorts = Pick<Ports, "table" | "clock">;

/** How often it is looked at whether a new slot has begun. */
const lookMs = slotMs / 3;
/** A call of which nothing was heard for so long is one whose process died. */
export const silentMs = 3 * slotMs;

/** What a lease is of. */
export interface LeasedCall {
  readonly call: Call;
  readonly fingerprint: string;
  /** Undefined where the budget does not ask how much a call takes. */
  readonly reservation: Reservation | undefined;
}

export class Lease {
  readonly #ports: LeasePorts;
  readonly #leased: LeasedCall;
  #reservation: Reservation | undefined;
  /** The newest slot, by this process's clock, in which the call was said to be under way. */
  #heardIn: number;
  #renewing: Promise<void> | undefined;
  readonly #timer: NodeJS.Timeout;

  private constructor(ports: LeasePorts, leased: LeasedCall) {
    this.#ports = ports;
    this.#leased = leased;
    this.#reservation = leased.reservation;
    this.#heardIn = slotAt(new Date(leased.call.startedAt));
    this.#timer = setInterval(() => void this.renew(), lookMs).unref();
  }

  /** Begins the call, by one conditional write. @throws ConditionFailed when the totals have no room for it, or moved on */
  static async begin(ports: LeasePorts, leased: LeasedCall, change: TotalsChange): Promise<Lease> {
    await ports.table.write(beginOperations(leased.call, leased.fingerprint, change));
    return new Lease(ports, leased);
  }

  /** Says that the call is under way, once in a slot. What does not succeed is tried again with the next look. */
  async renew(): Promise<void> {
    this.#renewing ??= this.#renew()
      .catch(() => undefined)
      .finally(() => (this.#renewing = undefined));
    return this.#renewing;
  }

  async #renew(): Promise<void> {
    const { table, clock } = this.#ports;
    const { call, fingerprint } = this.#leased;
    const now = clock.now();
    if (slotAt(now) <= this.#heardIn) return;
    const alive = aliveOperation(call, fingerprint, now);
    const moved = await this.#moved(now);
    const key = tableKey.callTotals(call.runId);
    const change = moved === undefined ? [] : [{ kind: "update", key, ...moved.change } as const];
    if (!(await writeIf(table, [alive, ...change]))) return;
    if (moved !== undefined) this.#reservation = moved.reservation;
    this.#heardIn = slotAt(now);
  }

  /** Undefined when nothing is set aside, or no longer. */
  async #moved(now: Date): Promise<{ reservation: Reservation; change: TotalsChange } | undefined> {
    const held = this.#reservation;
    if (held === undefined) return undefined;
    const totals = await loadTotals(this.#ports, this.#leased.call.runId);
    const slot = presentSlot(totals, now);
    const change = renew(totals, held, slot);
    return change && { change, reservation: { ...held, slot } };
  }

  /** Ends the call: writes its record, and gives back what was set aside and not used. Doing so twice changes nothing. */
  async end(ended: Call, took: Amount, undelivered: CallItem["undelivered"]): Promise<void> {
    clearInterval(this.#timer);
    await this.#renewing;
    const { fingerprint } = this.#leased;
    const kept = undelivered === undefined ? {} : { undelivered };
    const reservation = this.#reservation;
    const changes = [...(reservation === undefined ? [] : [settle(reservation, took)]), settleLate(took)];
    for (const change of changes) {
      try {
        return await this.#ports.table.write(endOperations(ended, fingerprint, { change, ...kept }));
      } catch (error) {
        if (!(error instanceof ConditionFailed)) throw error;
        if (error.failed.includes(endedBefore)) return undefined;
      }
    }
  }
}
