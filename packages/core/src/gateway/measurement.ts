/** What one call took, from its beginning to its end. */
import { BenchgenError, messageOf } from "../error.ts";
import type { Ports } from "../ports.ts";
import type { GatewayAccess } from "./access.ts";
import { type Amount, amountOf } from "./budget.ts";
import { type Call, type CallItem, endOperations } from "./call.ts";
import type { Observer } from "./observe.ts";
import { costOf } from "./price.ts";
import type { CheckedCall } from "./request.ts";
import { type Usage, estimateUsage } from "./usage.ts";

/** A call that was let in. */
export interface BegunCall {
  readonly call: Call;
  readonly fingerprint: string;
  /** What was set aside for it. */
  readonly expected: Amount;
  readonly access: GatewayAccess;
  readonly checked: CheckedCall;
}

export interface CallEnd {
  /** Why there was no whole answer. */
  readonly problem?: unknown;
  /** The answer, when nobody may have been there to take it. */
  readonly undelivered?: CallItem["undelivered"];
}

/** Answers that are larger are not kept for a second try: an item has 400 KB. Characters. */
const maxKeptAnswer = 200_000;
const nothing: Amount = { calls: 1, tokens: 0, costNano: 0 };

export class Measurement {
  readonly #ports: Pick<Ports, "table" | "clock">;
  readonly #begun: BegunCall;
  #observer: Observer | undefined;
  #firstTokenAt: Date | undefined;

  constructor(ports: Pick<Ports, "table" | "clock">, begun: BegunCall) {
    this.#ports = ports;
    this.#begun = begun;
  }

  /** What the answer told. */
  see(observer: Observer, firstTokenAt?: Date): void {
    this.#observer = observer;
    this.#firstTokenAt = firstTokenAt;
  }

  /** Writes the record, and gives back what was set aside and not used. */
  async end({ problem, undelivered }: CallEnd): Promise<void> {
    const { call, fingerprint, expected, access } = this.#begun;
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
      ...(problem === undefined ? {} : { error: errorOf(problem) }),
    };
    const kept = undelivered !== undefined && undelivered.text.length <= maxKeptAnswer ? { undelivered } : {};
    const took = usage === undefined ? nothing : amountOf(usage, costNano);
    await this.#ports.table.write(endOperations(ended, fingerprint, { expected, took, ...kept }));
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
