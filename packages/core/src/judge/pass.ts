/** Some cases put before a judge: what it says is kept, and what it takes is counted against a budget. */
import { findCase } from "../case/find.ts";
import { usdOf } from "../gateway/price.ts";
import type { UpstreamProblem } from "../gateway/upstream-answer.ts";
import type { Ports } from "../ports.ts";
import { tableKey } from "../record/key.ts";
import { toItem } from "../record/record.ts";
import type { CaseFailure, CaseReference } from "../wire/case.ts";
import type { RunId } from "../wire/id.ts";
import type { JudgePass, JudgedCategory } from "../wire/judge.ts";
import { type Asked, type Judge, askJudge, worstCost } from "./ask.ts";
import { judgeMessages, readJudgeAnswer } from "./prompt.ts";
import { type Verdict, verdictKey } from "./verdict.ts";

/**
 * No call is begun later than this, and each has so long: together less than an HTTP API on AWS waits, which is 30
 * seconds. Milliseconds.
 */
const beginMs = 8000;
const patienceMs = 18_000;

export interface PassOptions {
  readonly runId: RunId;
  readonly judge: Judge;
  /** Billionths of a dollar; undefined: no limit. */
  readonly budgetNano: number | undefined;
}

export class Pass {
  readonly #ports: Pick<Ports, "table" | "blobs" | "upstream" | "clock">;
  readonly #options: PassOptions;
  readonly #beganAt: number;
  readonly #categories: Partial<Record<JudgedCategory, number>> = {};
  readonly #took = { inputTokens: 0, outputTokens: 0, costNano: 0 };
  #judged = 0;
  #unreadable = 0;
  /** Set aside for calls under way. */
  #heldNano = 0;
  #endedBy: JudgePass["endedBy"];
  #problem: UpstreamProblem | undefined;
  #isWhole = true;

  constructor(ports: Pick<Ports, "table" | "blobs" | "upstream" | "clock">, options: PassOptions) {
    this.#ports = ports;
    this.#options = options;
    this.#beganAt = ports.clock.now().getTime();
  }

  /** Whether every case it was given was put before the judge, and answered. */
  get isWhole(): boolean {
    return this.#isWhole;
  }

  /** Asks about one case, where time and budget allow. @param before what the rule says of it */
  async ask({ task, id, epoch }: CaseReference, before: CaseFailure): Promise<void> {
    const { runId, judge, budgetNano } = this.#options;
    const reference = { task, id, epoch };
    const isLate = this.#ports.clock.now().getTime() - this.#beganAt > beginMs;
    if (isLate || this.#problem !== undefined) {
      this.#isWhole = false;
      return;
    }
    const found = await findCase(this.#ports, runId, reference);
    if (found === undefined)
      throw new Error(`case ${verdictKey(reference)} of ${runId} is listed and not there`);
    const messages = judgeMessages(found);
    const worst = worstCost(judge, messages) ?? 0;
    if (budgetNano !== undefined && this.#took.costNano + this.#heldNano + worst > budgetNano) {
      this.#endedBy = "cost";
      this.#isWhole = false;
      return;
    }
    this.#heldNano += worst;
    const asked = await askJudge(this.#ports, judge, messages, AbortSignal.timeout(patienceMs));
    this.#heldNano -= worst;
    this.#count(asked);
    if (asked.said === undefined) {
      this.#problem ??= asked.problem;
      this.#isWhole = false;
      return;
    }
    await this.#keep(reference, before, asked.said);
  }

  #count({ usage, costNano }: Asked): void {
    this.#took.inputTokens += usage.inputTokens;
    this.#took.outputTokens += usage.outputTokens;
    this.#took.costNano += costNano ?? 0;
  }

  async #keep(reference: CaseReference, before: CaseFailure, said: string): Promise<void> {
    const { runId, judge } = this.#options;
    const answer = readJudgeAnswer(said);
    if (answer === undefined) this.#unreadable++;
    else {
      this.#judged++;
      this.#categories[answer.category] = (this.#categories[answer.category] ?? 0) + 1;
    }
    const verdict: Verdict = { ...reference, judge: judge.model.name, explanation: "", ...answer, before };
    const item = toItem(tableKey.verdict(runId, verdictKey(reference)), verdict);
    await this.#ports.table.write([{ kind: "put", item }]);
  }

  result(): Omit<JudgePass, "done" | "cursor"> {
    const { runId, judge } = this.#options;
    const { name, model, prices } = judge.model;
    const { inputTokens, outputTokens, costNano } = this.#took;
    return {
      version: 1,
      runId,
      judge: { name, model },
      judged: this.#judged,
      unreadable: this.#unreadable,
      categories: this.#categories,
      inputTokens,
      outputTokens,
      costUsd: prices === undefined ? null : usdOf(costNano),
      ...(this.#endedBy && { endedBy: this.#endedBy }),
      ...(this.#problem && { problem: this.#problem }),
    };
  }
}
