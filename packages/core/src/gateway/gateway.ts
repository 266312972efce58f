/** What stands between a run's programs and a model: holds the key, keeps the budget, measures every call. */
import { type Ports, UpstreamFailed, type UpstreamResponse } from "../ports.ts";
import { type GatewayAccess, openGateway } from "./access.ts";
import { admit } from "./admit.ts";
import type { Call } from "./call.ts";
import { forward, readAnswer } from "./forward.ts";
import { KeyRing } from "./key-ring.ts";
import { type BegunCall, Measurement, maxKeptAnswer } from "./measurement.ts";
import { refusalOfFault } from "./refusal.ts";
import { type Streamed, relayEvents } from "./relay.ts";
import { type CheckedCall, type GatewayOperation, checkCall } from "./request.ts";
import { CallsUnderWay } from "./under-way.ts";
import { type CallIdentity, earlierAnswer, fingerprintOf, mayRepeat } from "./retry.ts";

export type GatewayPorts = Pick<Ports, "table" | "secrets" | "upstream" | "clock" | "ids">;

export interface GatewayRequest {
  readonly token: string;
  readonly operation: GatewayOperation;
  readonly body: Uint8Array;
  readonly identity: CallIdentity;
  /** Aborted when the client is gone. The call goes on: it is paid for, and its next try may want the answer. */
  readonly signal: AbortSignal;
}

export interface GatewayAnswer {
  readonly status: number;
  readonly contentType: string;
  /** Read to its end by whoever asked, or returned early when the client is gone. */
  readonly body: Uint8Array | AsyncGenerator<Uint8Array>;
}

/** More than a token has in any text, bytes: an answer that is longer than its tokens by this has more of them. */
const mostBytesPerToken = 8;

export interface GatewayOptions {
  /** Whether a request's signal tells when its client has gone. Default: yes; Lambda does not. */
  readonly hearsLeaving?: boolean;
  /** Where its calls are counted while they are under way: for a process that ends them before it ends. */
  readonly underWay?: CallsUnderWay | undefined;
  /** Told of every call that was let in once it is settled; must not throw. */
  readonly onCallEnded?: (access: GatewayAccess) => Promise<void>;
}

export class Gateway {
  readonly #ports: GatewayPorts;
  readonly #hearsLeaving: boolean;
  readonly #onCallEnded: GatewayOptions["onCallEnded"];
  readonly #keys: KeyRing;
  readonly #underWay: CallsUnderWay;

  constructor(ports: GatewayPorts, options: GatewayOptions = {}) {
    const { hearsLeaving = true, underWay = new CallsUnderWay(), onCallEnded } = options;
    this.#ports = ports;
    this.#underWay = underWay;
    this.#keys = new KeyRing(ports);
    this.#hearsLeaving = hearsLeaving;
    this.#onCallEnded = onCallEnded;
  }

  /** The one model there is, as the endpoint calls it. @throws GatewayRefusal */
  async model(token: string): Promise<string> {
    return (await openGateway(this.#ports, token)).grant.model;
  }

  /**
   * One call. Whatever becomes of it, it is measured, and what was set aside for it is given back.
   * @throws GatewayRefusal
   */
  async call(request: GatewayRequest): Promise<GatewayAnswer> {
    const { operation, identity, signal } = request;
    const access = await openGateway(this.#ports, request.token);
    const checked = checkCall(operation, request.body, access.grant.model);
    const fingerprint = fingerprintOf(access, checked, identity);
    if (mayRepeat(identity)) {
      const secondTry = { access, fingerprint, signal, hearsLeaving: this.#hearsLeaving };
      const earlier = await earlierAnswer(this.#ports, secondTry);
      if (earlier !== undefined) {
        const { status, contentType, text } = earlier;
        return { status, contentType, body: new TextEncoder().encode(text) };
      }
    }
    const asked = { access, checked, call: this.#newCall(access, checked, identity), fingerprint, signal };
    const { call, lease, allowance } = await admit(this.#ports, asked);
    const over = this.#underWay.begin();
    const begun = {
      call,
      lease,
      answerEnd: allowance.end,
      access,
      checked,
      over,
      onEnded: this.#onCallEnded,
    };
    return this.#forward({ ...begun, measurement: new Measurement(this.#ports, begun), signal });
  }

  #newCall(
    { runId, taskIndex, program, grant }: GatewayAccess,
    checked: CheckedCall,
    identity: CallIdentity,
  ): Omit<Call, "startedAt"> {
    const { caseId, epoch, retries } = identity;
    return {
      id: this.#ports.ids.next("call"),
      runId,
      taskIndex,
      program,
      operation: checked.operation,
      ...(caseId === undefined ? {} : { caseId }),
      epoch: epoch ?? 1,
      model: grant.model,
      retries,
      streamed: checked.stream,
    };
  }

  async #forward(under: UnderWay): Promise<GatewayAnswer> {
    const { access, checked, answerEnd, measurement, signal } = under;
    try {
      const key = await this.#keys.keyOf(access.grant);
      const outgoing = {
        grant: access.grant,
        key,
        checked,
        limit: answerEnd?.limit,
        signal: this.#underWay.signal,
      };
      const { response, limit } = await forward(this.#ports, outgoing);
      measurement.limit(limit);
      const { status } = response;
      const contentType = response.headers["content-type"] ?? "";
      if (checked.stream && contentType.includes("text/event-stream")) {
        const body = this.#stream(response, under, { contentType, key });
        // Begun at once: a generator that was never begun would not notice that its client left.
        await body.next();
        // Of the answer to a client that is gone nobody may ever ask for more. What is not written then stays set aside.
        const leave = () => void body.return(undefined).catch(() => undefined);
        if (signal.aborted) leave();
        else signal.addEventListener("abort", leave, { once: true });
        return { status, contentType, body };
      }
      const { bytes, text, observer } = await readAnswer(response, key);
      measurement.see(observer);
      const answer = { status, contentType: "application/json" };
      const isKept = signal.aborted || !this.#hearsLeaving;
      await measurement.end(isKept ? { undelivered: { ...answer, text } } : {});
      return { ...answer, body: bytes };
    } catch (error) {
      const refusal = error instanceof UpstreamFailed ? refusalOfFault(error.fault, error.message) : error;
      await measurement.end({ problem: refusal });
      throw refusal;
    }
  }

  /** Goes on to the end when the client is gone, and keeps what it did not take. */
  async *#stream(
    response: UpstreamResponse,
    { checked, answerEnd, measurement }: UnderWay,
    { contentType, key }: { contentType: string; key: string | undefined },
  ): AsyncGenerator<Uint8Array> {
    const events = relayEvents(response.body, {
      hideUsage: checked.hideUsage,
      key,
      maxAnswerBytes: (answerEnd?.tokens ?? Number.POSITIVE_INFINITY) * mostBytesPerToken,
      now: () => this.#ports.clock.now(),
    });
    const passed: Uint8Array[] = [];
    let passedBytes = 0;
    let left = true;
    const end = async ({ observer, firstTokenAt, problem, cut }: Streamed) => {
      measurement.see(observer, firstTokenAt);
      if (cut) measurement.cut();
      if (problem !== undefined) return measurement.end({ problem });
      const isKept = (left || !this.#hearsLeaving) && passedBytes <= maxKeptAnswer;
      if (!isKept) return measurement.end({});
      const text = Buffer.concat(passed).toString();
      return measurement.end({ undelivered: { status: response.status, contentType, text } });
    };
    const next = async () => {
      const step = await events.next();
      if (step.done === true) return step;
      passedBytes += step.value.length;
      // A stream may go on for a quarter of an hour: what is too long to be kept is not gathered either.
      if (passedBytes <= maxKeptAnswer) passed.push(step.value);
      return step;
    };
    try {
      yield new Uint8Array();
      let step = await next();
      for (; step.done !== true; step = await next()) yield step.value;
      left = false;
      await end(step.value);
    } finally {
      if (left) {
        let step = await next();
        while (step.done !== true) step = await next();
        await end(step.value);
      }
    }
  }
}

/** A call that was let in, and how it is measured. */
interface UnderWay extends BegunCall {
  readonly measurement: Measurement;
  readonly signal: AbortSignal;
}
