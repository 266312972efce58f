/** A judge pass over a run's failures: the server judges a few cases at a time, and is asked again until it is done. */
import type { RunId } from "@benchgen/core/wire/id.ts";
import { type JudgePass, maxJudgedAtOnce } from "@benchgen/core/wire/judge.ts";
import type { Context } from "../context.ts";
import { count } from "../output/format.ts";
import { paint, text } from "../output/text.ts";

export interface JudgeOptions {
  /** Name of the model. */
  readonly judge: string;
  /** Dollars. */
  readonly maxCost?: number | undefined;
  /** Cases. */
  readonly limit: number;
}

type Sums = Pick<JudgePass, "judged" | "unreadable" | "costUsd">;

/** @returns false when the judge gave no answers; what it said before that is kept */
export async function judgeAll(context: Context, run: RunId, options: JudgeOptions): Promise<boolean> {
  const { out } = context;
  const client = await context.client();
  let sums: Sums = { judged: 0, unreadable: 0, costUsd: 0 };
  let pass: JudgePass | undefined;
  do {
    context.checkInterrupted();
    pass = await client.judgeFailures(run, {
      model: options.judge,
      limit: Math.min(maxJudgedAtOnce, options.limit - asked(sums)),
      ...(options.maxCost === undefined ? {} : { maxCostUsd: left(options.maxCost, sums.costUsd ?? 0) }),
      cursor: pass?.cursor,
    });
    sums = {
      judged: sums.judged + pass.judged,
      unreadable: sums.unreadable + pass.unreadable,
      costUsd: pass.costUsd === null || sums.costUsd === null ? null : sums.costUsd + pass.costUsd,
    };
    if (asked(sums) > 0) out.note(text`${options.judge} has judged ${count(sums.judged, "case")}…`);
  } while (goesOn(pass) && asked(sums) < options.limit);
  tell(context, pass, sums);
  return pass.problem === undefined;
}

function asked({ judged, unreadable }: Pick<Sums, "judged" | "unreadable">): number {
  return judged + unreadable;
}

/** Without rounding errors of sums, which would pass the limit or stop short of it. */
function left(maxCost: number, spent: number): number {
  return Math.max(0, Number((maxCost - spent).toFixed(9)));
}

/** One that had no answer at all would have none again. */
function goesOn(pass: JudgePass): boolean {
  if (pass.done || pass.endedBy !== undefined) return false;
  return pass.problem === undefined || asked(pass) > 0;
}

function tell({ out }: Context, pass: JudgePass, { judged, unreadable, costUsd }: Sums): void {
  const { judge, judgesItself, done, endedBy, problem } = pass;
  const sums = { judged, unreadable, costUsd };
  out.data({ type: "judged", run: pass.runId, judge, judgesItself, ...sums, done, endedBy, problem });
  if (done && asked(sums) === 0) {
    out.note(text`No case is left to judge: rules, the program or a judge tell why each failed.\n`);
    return;
  }
  const cost = costUsd === null ? "at an unknown cost" : `for $${Number(costUsd.toPrecision(3))}`;
  out.note(text`${judge.name} (${judge.model}) judged ${count(judged, "case")} ${cost}.`);
  if (judgesItself === true) {
    out.note(
      text`${paint.yellow("note")} It is the model that was evaluated, and may be mild with its own mistakes.`,
    );
  }
  if (unreadable > 0) {
    out.note(
      text`${paint.yellow(`${count(unreadable, "answer")} could not be read`)}: those cases stay as they were.`,
    );
  }
  if (endedBy === "cost") out.note(text`It ended at its limit of cost.`);
  if (endedBy === "verdicts") out.note(text`The run has as many verdicts as are kept.`);
  if (problem !== undefined) out.note(text`${paint.red(problem.message)} ${problem.hint ?? ""}`);
  out.note(text``);
}
