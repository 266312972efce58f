/** What one call took, from its beginning to its end. */
import { BenchgenError, messageOf } from "../error.ts";
import type { Ports } from "../ports.ts";
import type { GatewayAccess } from "./access.ts";
import { amountOf, oneCall } from "./budget.ts";
import { type Call, type CallItem, noteLimit } from "./call.ts";
import type { AnswerEnd } from "./allowance.ts";
import type { Lease } from "./lease.ts";
import type { Observer } from "./observe.ts";
import { costOf } from "./price.ts";
import type { CheckedCall } from "./request.ts";
import { type Usage, estimateUsage } from "./usage.ts";

/** A call that was let in. */
export interface BegunCall {
  readonly call: Call;
  /** Of what was set aside for it. */
  readonly lease: Lease;
  /** Where the budget ends its answer at the latest. */
  readonly answerEnd: AnswerEnd | undefined;
  readonly access: GatewayAccess;
  readonly checked: CheckedCall;
  /** Called once it is written, or cannot be. */
  readonly over: () => void;
  /** Told once it is settled. */
  readonly onEnded: ((access: GatewayAccess) => Promise<void>) | undefined;
}

export interface CallEnd {
  /** Why there was no whole answer. */
  readonly problem?: unknown;
  /** The answer, when nobody may have been there to take it. */
  readonly undelivered?: CallItem["undelivered"];
}

/** Answers that are larger are not kept for a second try: an item has 400 KB. Bytes. */
export const maxKeptAnswer = 200_000;

export class Measurement {
  readonly #ports: Pick<Ports, "table" | "clock">;
  readonly #begun: BegunCall;
  #observer: Observer | undefined;
  #firstTokenAt: Date | undefined;
  #outputLimit: number | undefined;
  #wasCut = false;

  constructor(ports: Pick<Ports, "table" | "clock">, begun: BegunCall) {
    this.#ports = ports;
    this.#begun = begun;
  }

  /** What the answer told. */
  see(observer: Observer, firstTokenAt?: Date): void {
    this.#observer = observer;
    this.#firstTokenAt = firstTokenAt;
  }

  /** That its request was given a limit, tokens of each answer. */
  limit(outputLimit: number | undefined): void {
    this.#outputLimit = outputLimit;
  }

  /** That its answer was ended here, for its length. */
  cut(): void {
    this.#wasCut = true;
  }

  /** Writes the record, and gives back what was set aside and not used. */
  async end(how: CallEnd): Promise<void> {
    try {
      await this.#write(how);
    } finally {
      this.#begun.over();
    }
  }

  async #write({ problem, undelivered }: CallEnd): Promise<void> {
    const { call, lease, answerEnd, access, onEnded } = this.#begun;
    const { prices } = access.grant;
    const startedAt = Date.parse(call.startedAt);
    const { usage, estimated } = this.#usage(problem !== undefined);
    const costNano = usage === undefined ? undefined : costOf(usage, prices);
    const stopReason = this.#observer?.stopReason;
    const ended: Call = {
      ...call,
      latencyMs: this.#ports.clock.now().getTime() - startedAt,
      ...(this.#firstTokenAt === undefined
        ? {}
        : { timeToFirstTokenMs: this.#firstTokenAt.getTime() - startedAt }),
      ...(usage === undefined ? {} : { usage, estimated }),
      ...(costNano === undefined ? {} : { costNano }),
      ...(prices === undefined ? {} : { priceVersion: prices.version }),
      ...(stopReason === undefined ? {} : { stopReason }),
      ...(this.#outputLimit === undefined ? {} : { outputLimit: this.#outputLimit }),
      ...(problem === undefined ? {} : { error: errorOf(problem) }),
    };
    const isSmall = undelivered !== undefined && Buffer.byteLength(undelivered.text) <= maxKeptAnswer;
    const kept = isSmall ? undelivered : undefined;
    const metBudget = this.#wasCut || (this.#outputLimit !== undefined && stopReason === "length");
    if (metBudget && answerEnd !== undefined) {
      await noteLimit(this.#ports, call.runId, { by: answerEnd.by, to: "cut" });
    }
    await lease.end(ended, usage === undefined ? oneCall : amountOf(usage, costNano), kept);
    await onEnded?.(access);
  }

  /** As the endpoint counted; else by lengths. A call that failed before it answered is not charged by anybody. */
  #usage(failed: boolean): { usage: Usage | undefined; estimated: boolean } {
    const observer = this.#observer;
    if (observer?.usage !== undefined) return { usage: observer.usage, estimated: false };
    if (observer === undefined || (failed && observer.answerBytes === 0))
      return { usage: undefined, estimated: false };
    const { promptBytes } = this.#begun.checked;
    return { usage: estimateUsage({ promptBytes, answerBytes: observer.answerBytes }), estimated: true };
  }
}

function errorOf(problem: unknown): { code: string; message: string } {
  const code = problem instanceof BenchgenError ? problem.code : "internal_error";
  return { code, message: messageOf(problem).slice(0, 1000) };
}
