/** What stands between a run's programs and a model: holds the key, keeps the budget, measures every call. */
import { setTimeout as sleep } from "node:timers/promises";
import { endpointHeaders } from "../model/endpoint.ts";
import { modelSecret } from "../model/record.ts";
import { ConditionFailed, type Ports, UpstreamFailed, type UpstreamResponse } from "../ports.ts";
import type { ModelId } from "../wire/id.ts";
import { type GatewayAccess, openGateway } from "./access.ts";
import { parseJson, readBody } from "./body.ts";
import { exhausted, expectedAmount, totalsSchema } from "./budget.ts";
import { type Call, beginOperations, loadTotals, noteRefusal } from "./call.ts";
import { Measurement } from "./measurement.ts";
import { Observer } from "./observe.ts";
import { GatewayRefusal, refusalOfFault, refusalOfProblem } from "./refusal.ts";
import { type Streamed, relayEvents } from "./relay.ts";
import { type CheckedCall, type GatewayOperation, checkCall } from "./request.ts";
import { type CallIdentity, earlierAnswer, fingerprintOf, mayRepeat } from "./retry.ts";
import { problemOfAnswer } from "./upstream-answer.ts";

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

/** Of an answer that is not streamed. */
const maxAnswerBytes = 32 * 1024 * 1024;
const maxProblemBytes = 64 * 1024;
/** How long a key is remembered: each look-up of a secret costs on AWS. */
const keyMs = 60_000;
/** How long a call waits for room that others hold, and how often it looks. */
const roomMs = 60_000;
const roomPollMs = 250;

export interface GatewayOptions {
  /** Whether a request's signal tells when its client has gone. Default: yes; Lambda does not. */
  readonly hearsLeaving?: boolean;
}

export class Gateway {
  readonly #ports: GatewayPorts;
  readonly #hearsLeaving: boolean;
  readonly #keys = new Map<ModelId, { readonly key: string | undefined; readonly until: number }>();

  constructor(ports: GatewayPorts, { hearsLeaving = true }: GatewayOptions = {}) {
    this.#ports = ports;
    this.#hearsLeaving = hearsLeaving;
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
    const measurement = await this.#begin(access, checked, { identity, fingerprint });
    return this.#forward(access, checked, { measurement, signal });
  }

  /** Lets the call in, or waits until there is room for it. */
  async #begin(
    access: GatewayAccess,
    checked: CheckedCall,
    as: { identity: CallIdentity; fingerprint: string },
  ): Promise<Measurement> {
    const ports = this.#ports;
    const { budget, grant, runId } = access;
    const expected = expectedAmount(checked, grant.prices);
    const call = this.#newCall(access, checked, as.identity);
    const begin = beginOperations(call, as.fingerprint, { budget, expected });
    const giveUpAt = ports.clock.now().getTime() + roomMs;
    // One that could never fit is not compared with totals that are not there yet.
    let limit = exhausted(budget, expected, totalsSchema.parse({}));
    while (limit === undefined) {
      try {
        await ports.table.write(begin);
        return new Measurement(ports, { call, fingerprint: as.fingerprint, expected, access, checked });
      } catch (error) {
        if (!(error instanceof ConditionFailed)) throw error;
      }
      const totals = await loadTotals(ports, runId);
      limit = exhausted(budget, expected, totals);
      if (ports.clock.now().getTime() > giveUpAt) limit ??= crowdedOut(budget);
      else if (limit === undefined) await sleep(roomPollMs);
    }
    await noteRefusal(ports, runId, limit);
    throw new GatewayRefusal("budget_exhausted", `The run's budget of ${limit} is used up.`, {
      status: 429,
      hint: "Write what you have, and end.",
    });
  }

  #newCall(
    { runId, taskIndex, program, grant }: GatewayAccess,
    checked: CheckedCall,
    identity: CallIdentity,
  ): Call {
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
      startedAt: this.#ports.clock.now().toISOString(),
      retries,
      streamed: checked.stream,
    };
  }

  async #forward(
    access: GatewayAccess,
    checked: CheckedCall,
    on: { measurement: Measurement; signal: AbortSignal },
  ): Promise<GatewayAnswer> {
    const { measurement, signal } = on;
    try {
      const key = await this.#keyOf(access);
      const response = await this.#ports.upstream.send({
        method: "POST",
        url: `${access.grant.baseUrl}/${checked.operation}`,
        headers: endpointHeaders(key),
        body: checked.body,
      });
      await requireSuccess(response, key);
      const contentType = response.headers["content-type"] ?? "application/json";
      const { status } = response;
      if (checked.stream && contentType.includes("text/event-stream")) {
        const body = this.#stream(response, checked, { measurement, contentType });
        // Begun at once: a generator that was never begun would not notice that its client left.
        await body.next();
        // Of the answer to a client that is gone nobody may ever ask for more. What is not written then stays set aside.
        const leave = () => void body.return(undefined).catch(() => undefined);
        if (signal.aborted) leave();
        else signal.addEventListener("abort", leave, { once: true });
        return { status, contentType, body };
      }
      const answer = await readAnswer(response, measurement);
      const text = new TextDecoder().decode(answer);
      const isKept = signal.aborted || !this.#hearsLeaving;
      await measurement.end(isKept ? { undelivered: { status, contentType, text } } : {});
      return { status, contentType, body: answer };
    } catch (error) {
      const refusal = error instanceof UpstreamFailed ? refusalOfFault(error.fault, error.message) : error;
      await measurement.end({ problem: refusal });
      throw refusal;
    }
  }

  /** Goes on to the end when the client is gone, and keeps what it did not take. */
  async *#stream(
    response: UpstreamResponse,
    { hideUsage }: CheckedCall,
    { measurement, contentType }: { measurement: Measurement; contentType: string },
  ): AsyncGenerator<Uint8Array> {
    const events = relayEvents(response.body, { hideUsage, now: () => this.#ports.clock.now() });
    const passed: Uint8Array[] = [];
    let left = true;
    const end = async ({ observer, firstTokenAt, problem }: Streamed) => {
      measurement.see(observer, firstTokenAt);
      if (problem !== undefined) return measurement.end({ problem });
      const text = Buffer.concat(passed).toString();
      const isKept = left || !this.#hearsLeaving;
      return measurement.end(isKept ? { undelivered: { status: response.status, contentType, text } } : {});
    };
    const next = async () => {
      const step = await events.next();
      if (step.done !== true) passed.push(step.value);
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

  async #keyOf({ grant }: GatewayAccess): Promise<string | undefined> {
    if (!grant.hasKey) return undefined;
    const now = this.#ports.clock.now().getTime();
    const known = this.#keys.get(grant.modelId);
    if (known !== undefined && known.until > now) return known.key;
    const key = await this.#ports.secrets.get(modelSecret(grant.modelId));
    this.#keys.set(grant.modelId, { key, until: now + keyMs });
    if (key !== undefined) return key;
    throw new GatewayRefusal(
      "upstream_key_refused",
      `The model "${grant.name}" was removed, and its key with it.`,
      {
        status: 502,
      },
    );
  }
}

/** Waited for long enough: whichever limit the run has is the one. */
function crowdedOut(budget: GatewayAccess["budget"]) {
  if (budget.costNano !== undefined) return "cost";
  return budget.tokens === undefined ? "calls" : "tokens";
}

/** @throws GatewayRefusal for an answer that is no success */
async function requireSuccess(response: UpstreamResponse, key: string | undefined): Promise<void> {
  const { status, headers } = response;
  if (status >= 200 && status < 300) return;
  const { bytes } = await readBody(response.body, maxProblemBytes);
  const problem = problemOfAnswer(status, new TextDecoder().decode(bytes), key);
  if (problem !== undefined) throw refusalOfProblem(problem, status, headers["retry-after"]);
}

/** The whole of an answer that is no stream. @throws GatewayRefusal `upstream_unreadable` */
async function readAnswer(response: UpstreamResponse, measurement: Measurement): Promise<Uint8Array> {
  const { bytes, whole } = await readBody(response.body, maxAnswerBytes);
  const value = parseJson(bytes);
  if (!whole || typeof value !== "object" || value === null) {
    throw new GatewayRefusal(
      "upstream_unreadable",
      "The model's endpoint answered with what is no JSON object.",
      {
        status: 502,
        retry: true,
      },
    );
  }
  const observer = new Observer();
  observer.see(value);
  measurement.see(observer);
  return bytes;
}
