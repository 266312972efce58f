/** The cases of a run, as those who may see them ask for them. */
import type { Principal } from "../access/principal.ts";
import type { CaseQuery } from "../case/cursor.ts";
import { findCase } from "../case/find.ts";
import { type TaskCases, pageOfCases } from "../case/list.ts";
import { suggestCase } from "../case/suggest.ts";
import { Forbidden, NotFound } from "../error.ts";
import { judgedFailure, loadVerdict, loadVerdicts } from "../judge/verdict.ts";
import type { Page, Ports } from "../ports.ts";
import type { CaseDetail, CaseReference, CaseSummary } from "../wire/case.ts";
import type { RunId } from "../wire/id.ts";
import { loadOwnRun, seesHidden } from "./read.ts";
import { type RunRecord, loadTasks } from "./record.ts";

/**
 * A page of a run's cases, by task and in the order in which they were written. Empty where its programs reported none.
 * @throws NotFound also for a task the run does not have; Forbidden `output_hidden`; InvalidInput `cursor_invalid`
 */
export async function listRunCases(
  ports: Pick<Ports, "table" | "blobs">,
  principal: Principal,
  runId: RunId,
  query: CaseQuery & { readonly cursor?: string | undefined; readonly limit: number },
): Promise<Page<CaseSummary>> {
  const run = await loadOwnRun(ports, principal, runId);
  requireCasesVisible(principal, run);
  requireTask(run, query.task);
  const tasks = await loadTaskCases(ports, runId);
  const verdicts = await loadVerdicts(ports, runId);
  return pageOfCases(ports, { id: runId, tasks, verdicts }, query);
}

/** One case, whole. @throws NotFound; Forbidden `output_hidden` */
export async function readRunCase(
  ports: Pick<Ports, "table" | "blobs">,
  principal: Principal,
  runId: RunId,
  reference: CaseReference,
): Promise<CaseDetail> {
  requireCasesVisible(principal, await loadOwnRun(ports, principal, runId));
  const tasks = (await loadTaskCases(ports, runId)).filter(({ directory }) => directory.counts.total > 0);
  const has = tasks.some(({ index }) => index === reference.task);
  const found = has ? await findCase(ports, runId, reference) : undefined;
  if (found !== undefined) {
    const failure = judgedFailure(found.failure, await loadVerdict(ports, runId, reference));
    return { ...found, ...(failure && { failure }) };
  }
  const { task, id, epoch } = reference;
  const place = `It was looked for in task ${task} of ${runId}${epoch === 1 ? "" : `, epoch ${epoch}`}.`;
  const near = await suggestCase(ports, { id: runId, tasks }, reference);
  throw new NotFound("case", id, `${place} ${near ?? `List them with: benchgen cases ${runId}`}`);
}

/** The cases of each task that reported some. */
export async function loadTaskCases(ports: Pick<Ports, "table">, runId: RunId): Promise<TaskCases[]> {
  return (await loadTasks(ports.table, runId)).flatMap(({ index, caseDirectory: directory }) =>
    directory === undefined ? [] : [{ index, directory }],
  );
}

/** Tasks that are named to whoever asks for one that is not there. */
const namedTasks = 20;

/** Pure. @param task index; undefined asks for all of them. @throws NotFound when the run does not have it */
export function requireTask(
  { id, taskList }: Pick<RunRecord, "id" | "taskList">,
  task: number | undefined,
): void {
  const indexes = taskList.map(({ index }) => index);
  if (task === undefined || indexes.includes(task)) return;
  const rest = indexes.length > namedTasks ? ` and ${indexes.length - namedTasks} more` : "";
  throw new NotFound(
    "task",
    String(task),
    `Tasks of ${id}: ${indexes.slice(0, namedTasks).join(", ")}${rest}`,
  );
}

/**
 * A case shows what the model answered and what was expected: whoever hides either from participants hides cases.
 * @throws Forbidden `output_hidden`
 */
export function requireCasesVisible(principal: Principal, run: RunRecord): void {
  if (!areCasesHidden(run) || seesHidden(principal, run)) return;
  throw new Forbidden("output_hidden", `"${run.phase.name}" does not show single cases to its participants.`);
}

/** Whether the phase keeps cases from its participants. Pure. */
export function areCasesHidden({ hidden }: Pick<RunRecord, "hidden">): boolean {
  return hidden.predictions || hidden.scoring;
}
