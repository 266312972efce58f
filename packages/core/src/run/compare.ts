/** Runs compared case by case, as those who may see them ask for it. */
import type { Principal } from "../access/principal.ts";
import { type ComparableRun, compareCases } from "../compare/compare.ts";
import { comparability } from "../compare/comparable.ts";
import { loadVersionWhole } from "../environment/record.ts";
import { Conflict, InvalidInput } from "../error.ts";
import type { Ports } from "../ports.ts";
import { type Comparison, exampleCount, maxComparedRuns } from "../wire/comparison.ts";
import type { RunId } from "../wire/id.ts";
import { isTerminal, runMoves } from "../wire/status.ts";
import { loadTaskCases, requireCasesVisible } from "./case.ts";
import { loadOwnRun } from "./read.ts";
import type { RunRecord } from "./record.ts";

/** More cases in one run would not fit in the memory of a function. */
const maxCases = 1_000_000;

/**
 * Each of the runs with the first.
 * @param ids two to six different ones
 * @param examples cases shown of those that were fixed, and of those that broke
 * @throws InvalidInput `runs_invalid`; NotFound for a run the principal may not see; Forbidden `output_hidden`;
 * Conflict `run_not_over`, `no_cases`, `too_many_cases`, `runs_not_comparable`
 */
export async function compareRuns(
  ports: Pick<Ports, "table" | "blobs">,
  principal: Principal,
  ids: readonly RunId[],
  examples = exampleCount.default,
): Promise<Comparison> {
  requireSeveral(ids);
  const [first, ...others] = await Promise.all(ids.map(async (id) => loadComparable(ports, principal, id)));
  if (first === undefined) throw new Error("there are two runs at least");
  const labelled = others.map(async (other, position): Promise<ComparableRun> => {
    const notes = [...(await requireComparable(ports, first, other)), ...partNotes(first, other)];
    return { ...asCompared(other, labelAt(position + 1)), notes };
  });
  const compared = [
    { ...asCompared(first, labelAt(0)), notes: [] },
    ...(await Promise.all(labelled)),
  ] as const;
  return compareCases(ports, compared, examples);
}

/** @throws InvalidInput `runs_invalid` */
function requireSeveral(ids: readonly RunId[]): void {
  const twice = ids.find((id, position) => ids.indexOf(id) < position);
  if (twice !== undefined || ids.length < 2 || ids.length > maxComparedRuns) {
    throw new InvalidInput(
      "runs_invalid",
      `A comparison is of 2 to ${maxComparedRuns} different runs; ${
        twice === undefined
          ? `here ${ids.length === 1 ? "is 1" : `are ${ids.length}`}`
          : `${twice} is named twice`
      }.`,
      { hint: "The others are compared with the first: benchgen compare RUN RUN" },
    );
  }
}

interface LoadedRun {
  readonly run: RunRecord;
  readonly tasks: ComparableRun["cases"]["tasks"];
}

async function loadComparable(
  ports: Pick<Ports, "table">,
  principal: Principal,
  id: RunId,
): Promise<LoadedRun> {
  const run = await loadOwnRun(ports, principal, id);
  requireCasesVisible(principal, run);
  if (!isTerminal(runMoves, run.status)) {
    throw new Conflict("run_not_over", `Run ${id} is ${run.status}; runs are compared when they are over.`);
  }
  const tasks = await loadTaskCases(ports, id);
  const total = tasks.reduce((sum, { directory }) => sum + directory.counts.total, 0);
  if (total === 0) {
    throw new Conflict("no_cases", `Run ${id} has no cases to compare.`, {
      hint: "Its scoring program must write results.jsonl: docs/write-an-environment.md says how.",
    });
  }
  if (total > maxCases) {
    throw new Conflict(
      "too_many_cases",
      `Run ${id} has ${total} cases; runs of up to ${maxCases} are compared.`,
    );
  }
  return { run, tasks };
}

/** @returns what to note about a comparison that can be made @throws Conflict `runs_not_comparable` */
async function requireComparable(
  ports: Pick<Ports, "table" | "blobs">,
  { run: first }: LoadedRun,
  { run: other }: LoadedRun,
): Promise<readonly string[]> {
  if (first.environmentId === other.environmentId && first.version === other.version) return [];
  const [one, two] = await Promise.all(
    [first, other].map(
      async ({ environmentId, version }) => (await loadVersionWhole(ports, environmentId, version)).document,
    ),
  );
  const shared = first.taskList.filter(({ index }) => other.taskList.some((task) => task.index === index));
  const result = comparability(
    one!,
    two!,
    shared.map(({ index }) => index),
  );
  if (result.comparable && shared.length > 0) return result.notes;
  const names = ({ environment, version }: RunRecord) => `${environment}@${version}`;
  throw new Conflict(
    "runs_not_comparable",
    `Runs ${first.id} (${names(first)}) and ${other.id} (${names(other)}) were evaluated on different data${
      result.comparable ? "" : ` in task ${result.tasks.join(", ")}`
    }: their cases are not the same questions.`,
    { hint: "Run both against one version: benchgen run ENV@VERSION --submission PATH" },
  );
}

/** A run that did not succeed may have only some of its cases. */
function partNotes(...runs: readonly LoadedRun[]): string[] {
  return runs.flatMap(({ run: { id, status } }) =>
    status === "succeeded" ? [] : [`Run ${id} is ${status}: its cases may be incomplete.`],
  );
}

function asCompared({ run, tasks }: LoadedRun, label: string): Omit<ComparableRun, "notes"> {
  const { id, name, environment, version: environmentVersion, status } = run;
  return { shown: { label, id, name, environment, environmentVersion, status }, cases: { id, tasks } };
}

function labelAt(position: number): string {
  return String.fromCharCode("A".charCodeAt(0) + position);
}
