/** From a checked document to the manifest the rest of the system reads: one dialect, defaults filled in. */
import type { Board } from "./board-check.ts";
import { boardsOf } from "./board-check.ts";
import type { Competition } from "./competition-schema.ts";
import { competitionSchema } from "./competition-schema.ts";
import { endInstant, parseDate } from "./date.ts";
import type { Leaderboard, Manifest, Phase, Solution, Task } from "./manifest.ts";
import { readReference } from "./reference.ts";

/** Fields of the document that become fields of the manifest; all others it knows are kept as they are. */
const used = new Set([
  "version",
  "title",
  "description",
  "image",
  "terms",
  "contact_email",
  "docker_image",
  "enable_detailed_results",
  "pages",
  "phases",
  "tasks",
  "solutions",
  "leaderboard",
  "leaderboards",
]);

/** Builds the manifest of a document without errors. Absent values are absent keys: it is stored as JSON. */
export function buildManifest(competition: Competition): Manifest {
  const kept = Object.keys(competitionSchema.shape).filter((key) => !used.has(key) && key in competition);
  return given<Manifest>({
    title: competition.title,
    description: competition.description,
    image: pathOf(competition.image),
    terms: pathOf(competition.terms),
    contactEmail: competition.contact_email,
    dockerImage: competition.docker_image,
    enableDetailedResults: competition.enable_detailed_results,
    pages: competition.pages.map(({ title, file }) => ({ title, file: pathOf(file) })),
    phases: byIndex(competition.phases.map(phaseOf)),
    tasks: byIndex(competition.tasks.map(taskOf)),
    solutions: byIndex(competition.solutions.map(solutionOf)),
    leaderboards: boardsOf(competition).map(({ board }) => leaderboardOf(board)),
    kept: Object.fromEntries(kept.map((key) => [key, competition[key]])),
  });
}

function phaseOf(phase: Competition["phases"][number], position: number): Phase {
  const start = phase.start === undefined ? undefined : parseDate(phase.start);
  const end = phase.end === undefined ? undefined : parseDate(phase.end);
  return given<Phase>({
    index: phase.index ?? position,
    name: phase.name,
    description: phase.description,
    start: start?.instant,
    end: end === undefined ? undefined : endInstant(end),
    tasks: [...new Set(phase.tasks)],
    executionTimeLimit: phase.execution_time_limit === 0 ? 600 : phase.execution_time_limit,
    maxSubmissionsPerDay: limitOf(phase.max_submissions_per_day),
    maxSubmissions: limitOf(phase.max_submissions),
    hideOutput: phase.hide_output,
    hidePredictionOutput: phase.hide_prediction_output,
    hideScoreOutput: phase.hide_score_output,
    startingKit: pathOf(phase.starting_kit),
    publicData: pathOf(phase.public_data),
  });
}

function taskOf(task: Competition["tasks"][number]): Task {
  return given<Task>({
    index: task.index,
    name: task.name,
    description: task.description,
    scoringProgram: pathOf(task.scoring_program),
    referenceData: pathOf(task.reference_data),
    ingestionProgram: pathOf(task.ingestion_program),
    inputData: pathOf(task.input_data),
    ingestionOnlyDuringScoring: task.ingestion_only_during_scoring,
    dockerImage: task.docker_image,
  });
}

function solutionOf(solution: Competition["solutions"][number]): Solution {
  return given<Solution>({
    index: solution.index,
    path: pathOf(solution.path),
    tasks: [...new Set(solution.tasks)],
    name: solution.name,
    description: solution.description,
  });
}

function leaderboardOf(board: Board): Leaderboard {
  return given<Leaderboard>({
    title: board.title,
    key: board.key,
    hidden: board.hidden,
    submissionRule: board.submission_rule,
    primaryIndex: board.primary_index,
    columns: byIndex(
      board.columns.map((column) =>
        given<Leaderboard["columns"][number]>({
          title: column.title,
          key: column.key,
          index: column.index,
          sorting: column.sorting,
          computation: column.computation,
          computationIndexes:
            column.computation === undefined ? [] : [...new Set(column.computation_indexes)],
          precision: column.precision,
          hidden: column.hidden,
        }),
      ),
    ),
  });
}

/** 0 and nothing mean unlimited. */
function limitOf(written: number | undefined): number | undefined {
  return written === 0 ? undefined : written;
}

function pathOf(written: string): string;
function pathOf(written: string | undefined): string | undefined;
function pathOf(written: string | undefined): string | undefined {
  if (written === undefined) return undefined;
  const reference = readReference(written);
  if (!("path" in reference)) throw new Error(`unchecked path: ${written}`);
  return reference.path;
}

function byIndex<T extends { readonly index: number }>(items: readonly T[]): T[] {
  return [...items].sort((a, b) => a.index - b.index);
}

function given<T extends object>(fields: { [K in keyof T]: T[K] | undefined }): T {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as T;
}
