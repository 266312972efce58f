/** Asking a model why cases of a run failed, a bounded batch at a time: whoever wants more asks again. */
import { type Principal, requireScope } from "../access/principal.ts";
import { pageOfCases } from "../case/list.ts";
import { forEachLimited } from "../concurrency.ts";
import { InvalidInput } from "../error.ts";
import type { Grant } from "../gateway/access.ts";
import { nanoOf } from "../gateway/price.ts";
import { Pass } from "../judge/pass.ts";
import { type Verdicts, isJudgeable, loadVerdicts, maxVerdicts, verdictKey } from "../judge/verdict.ts";
import { loadModel, modelSecret } from "../model/record.ts";
import type { Ports } from "../ports.ts";
import type { CaseFailure, CaseReference } from "../wire/case.ts";
import type { Model } from "../wire/api.ts";
import type { RunId } from "../wire/id.ts";
import { type JudgeFailures, type JudgePass, judgeFailuresSchema } from "../wire/judge.ts";
import { loadTaskCases } from "./case.ts";
import { requireReported } from "./report.ts";

/** Calls at one time. */
const concurrency = 5;
/** Pages that one batch looks through for cases a judge may speak about. */
const maxPages = 20;

/**
 * Asks the model about failed cases of which a rule could not tell more, in order, and keeps its verdicts. A call whose
 * worst case would pass the limit of cost is not made.
 * @throws NotFound; Forbidden `output_hidden`, `scope_missing`; InvalidInput `price_unknown`, `cursor_invalid`
 */
export async function judgeFailures(
  ports: Pick<Ports, "table" | "blobs" | "secrets" | "upstream" | "clock">,
  principal: Principal,
  runId: RunId,
  request: JudgeFailures,
): Promise<JudgePass> {
  requireScope(principal, "submit");
  const { limit, maxCostUsd, cursor, model: name } = judgeFailuresSchema.parse(request);
  const { against } = await requireReported(ports, principal, runId);
  const model = await loadModel(ports.table, principal.workspace, name);
  if (maxCostUsd !== undefined && model.prices === undefined) {
    throw new InvalidInput(
      "price_unknown",
      `A limit of cost cannot be kept: the prices of "${name}" are unknown.`,
      {
        hint: "Add the model with --input-price and --output-price, or limit the cases: --limit N",
      },
    );
  }
  const verdicts = await loadVerdicts(ports, runId);
  const room = Math.max(0, maxVerdicts - verdicts.size);
  const batch = await nextBatch(ports, runId, {
    verdicts,
    judge: name,
    limit: Math.min(limit, room),
    cursor,
  });
  const judge = { model, key: await ports.secrets.get(modelSecret(model.id)) };
  const budgetNano = maxCostUsd === undefined ? undefined : nanoOf(maxCostUsd);
  const pass = new Pass(ports, { runId, judge, budgetNano });
  await forEachLimited(batch.cases, concurrency, (each) => pass.ask(each, each.failure));
  // Cases that were not answered lie behind the place where this request began.
  const next = pass.isWhole ? batch.cursor : cursor;
  const isFull = room <= batch.cases.length && batch.cursor !== undefined;
  return {
    ...(isFull && { endedBy: "verdicts" }),
    ...pass.result(),
    ...(isSame(model, against?.grants.ingestion) && { judgesItself: true }),
    done: pass.isWhole && batch.cursor === undefined,
    ...(next !== undefined && { cursor: next }),
  };
}

/** The same model of the same endpoint, under whatever names. */
function isSame(judge: Model, evaluated: Grant | undefined): boolean {
  return judge.baseUrl === evaluated?.baseUrl && judge.model === evaluated.model;
}

interface JudgeableCase extends CaseReference {
  readonly failure: CaseFailure;
}

/** The next cases that a judge may speak about and this one was not asked about, and where more of them may be. */
async function nextBatch(
  ports: Pick<Ports, "table" | "blobs">,
  runId: RunId,
  query: {
    readonly verdicts: Verdicts;
    readonly judge: string;
    readonly limit: number;
    readonly cursor: string | undefined;
  },
): Promise<{ cases: JudgeableCase[]; cursor: string | undefined }> {
  const { verdicts, judge, limit } = query;
  const tasks = await loadTaskCases(ports, runId);
  const cases: JudgeableCase[] = [];
  let { cursor } = query;
  for (let pages = 0; pages < maxPages; pages++) {
    // As many as there is room for, so that the next page begins after the last case of the batch.
    const asked = { outcome: "failed", limit: Math.max(1, limit - cases.length), cursor } as const;
    const page = await pageOfCases(ports, { id: runId, tasks, verdicts }, asked);
    for (const found of page.items) {
      const { failure } = found;
      const isAsked = verdicts.get(verdictKey(found))?.judge === judge;
      if (failure !== undefined && isJudgeable(found) && !isAsked) cases.push({ ...found, failure });
    }
    cursor = page.cursor;
    if (cursor === undefined || cases.length >= limit) break;
  }
  return { cases: cases.slice(0, limit), cursor };
}
