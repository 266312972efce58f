/** What the schema cannot say: numbers that must differ, and references that must lead somewhere. */
import { boardsOf, checkBoard } from "./board-check.ts";
import type { Checked } from "./check.ts";
import { checkUnique, listed, where } from "./check.ts";
import type { Competition } from "./competition-schema.ts";
import type { ParsedDate } from "./date.ts";
import { endInstant, parseDate } from "./date.ts";
import type { Partially } from "./schema-finding.ts";
import type { YamlPath } from "./yaml-document.ts";

type Phase = NonNullable<Partially<Competition>["phases"]>[number];

/**
 * What a run's plan says of each task, up to 1.2 KB with two programs and a long image name, is handed from step to step
 * of the workflow, where Step Functions takes 256 KiB; and it keeps 25,000 events of a run, of which a task makes about 26.
 */
const maxPhaseTasks = 200;

/** Adds every finding about the relations between the fields that could be read. */
export function checkCompetition(checked: Checked, competition: Partially<Competition>): void {
  const { phases = [], tasks = [], solutions = [] } = competition;
  const phaseIndexes = phases.map((phase, position) => phase?.index ?? position);
  checkUnique(checked, phaseIndexes, (position) => ["phases", position, "index"], "phase index");
  const taskIndexes = tasks.map((task) => task?.index);
  checkUnique(checked, taskIndexes, (position) => ["tasks", position, "index"], "task index");
  const solutionIndexes = solutions.map((solution) => solution?.index);
  checkUnique(checked, solutionIndexes, (position) => ["solutions", position, "index"], "solution index");
  for (const [name, items] of Object.entries({ phases, solutions })) {
    items.forEach((item, position) =>
      checkTaskReferences(checked, item?.tasks ?? [], taskIndexes, [name, position, "tasks"]),
    );
  }
  phases.forEach((phase, position) => {
    checkDates(checked, phase, ["phases", position]);
    checkTaskCount(checked, phase, ["phases", position, "tasks"]);
  });
  tasks.forEach((task, position) => {
    // A task without a scoring program has a finding of its own.
    if (task?.scoring_program === undefined || task.reference_data !== undefined) return;
    checked.findings.warning("manifest.no_reference_data", {
      message: `Task ${task.index ?? position} has no reference data: its scoring program has nothing to compare with.`,
      ...where(checked, ["tasks", position], "key"),
      hint: "Add `reference_data: reference_data.zip`, unless the scoring program needs none.",
    });
  });
  checkBoards(checked, competition);
}

function checkBoards(checked: Checked, competition: Partially<Competition>): void {
  const boards = boardsOf(competition);
  if (competition.leaderboard === undefined && competition.leaderboards === undefined) {
    const written = checked.document.value as Record<string, unknown>;
    // One that is there and wrong has its finding already.
    if (written["leaderboard"] == null && written["leaderboards"] == null) {
      checked.findings.error("schema.field_missing", {
        message: "`leaderboard` is required: it says which scores are shown.",
        ...where(checked, []),
        path: "leaderboard",
        hint: "Add a leaderboard with a title, a key and at least one column.",
      });
    }
  }
  if (competition.leaderboard !== undefined && competition.leaderboards !== undefined) {
    checked.findings.warning("manifest.two_leaderboards", {
      message: "Both `leaderboard` and `leaderboards` are given; only `leaderboard` counts.",
      ...where(checked, ["leaderboards"], "key"),
      hint: "Put all of them into one list.",
    });
  }
  const keys = boards.map(({ board }) => board.key);
  checkUnique(checked, keys, (position) => [...boards[position]!.path, "key"], "leaderboard key");
  for (const { board, path } of boards) checkBoard(checked, board, path);
}

function checkTaskCount(checked: Checked, phase: Phase, path: YamlPath): void {
  const count = phase?.tasks?.length ?? 0;
  if (count <= maxPhaseTasks) return;
  checked.findings.error("manifest.too_many_tasks", {
    message: `The phase has ${count} tasks; one run takes at most ${maxPhaseTasks}.`,
    ...where(checked, path, "key"),
    hint: "Spread them over several phases, or let one task ask several problems and report each as a case.",
  });
}

function checkTaskReferences(
  checked: Checked,
  references: readonly (number | undefined)[],
  tasks: readonly (number | undefined)[],
  path: YamlPath,
): void {
  // Where an index could not be read, any reference may be to that task.
  if (tasks.length === 0 || tasks.includes(undefined)) return;
  const known = new Set(tasks);
  const hint = `The tasks are ${listed(tasks)}.`;
  references.forEach((reference, position) => {
    if (reference === undefined || known.has(reference)) return;
    checked.findings.error("manifest.task_unknown", {
      message: `There is no task with the index ${reference}.`,
      ...where(checked, [...path, position]),
      hint,
    });
  });
}

function checkDates(checked: Checked, phase: Phase, path: YamlPath): void {
  const start = checkDate(checked, phase?.start, [...path, "start"]);
  const end = checkDate(checked, phase?.end, [...path, "end"]);
  if (start === undefined || end === undefined || endInstant(end) > start.instant) return;
  checked.findings.error("manifest.phase_ends_early", {
    message: `The phase ends (${endInstant(end)}) before it starts (${start.instant}).`,
    ...where(checked, [...path, "end"]),
    hint:
      start.readAs === undefined && end.readAs === undefined
        ? "Give it a later end, or none if it never closes."
        : "Dates like 3-9-2025 are read month first: write 2025-09-03 for the 3rd of September.",
  });
}

function checkDate(checked: Checked, written: string | undefined, path: YamlPath): ParsedDate | undefined {
  if (written === undefined) return undefined;
  const date = parseDate(written);
  if (date === undefined) {
    checked.findings.error("manifest.date", {
      message: `"${written.slice(0, 60)}" is not a date.`,
      ...where(checked, path),
      hint: "Write it as 2026-03-25, or with a time: 2026-03-25 14:00.",
    });
  } else if (date.readAs !== undefined) {
    checked.findings.warning("manifest.date_ambiguous", {
      message: `"${written}" was read month first, as ${date.readAs}.`,
      ...where(checked, path),
      hint: `Write ${date.instant.slice(0, 10)} to be sure.`,
    });
  }
  return date;
}
