import type { EnvironmentVersion } from "@benchgen/core/wire/api.ts";
import { formatSeconds, formatTime } from "../output/format.ts";
import { table } from "../output/table.ts";
import { type Text, join, paint, text } from "../output/text.ts";

type Phase = EnvironmentVersion["phases"][number];

/** All a participant needs to know of a version, on one screen. */
export function environmentCard(version: EnvironmentVersion): Text {
  const parts = [
    text`${paint.bold(version.title)}  ${version.environment}@${version.number}  ${statusOf(version)}`,
    text`${paint.bold("Phases")}\n${phaseTable(version.phases)}`,
    text`${paint.bold("Tasks")}\n${taskTable(version)}`,
    ...version.leaderboards.map(
      (board) => text`${paint.bold("Leaderboard")} ${board.title}\n${columnTable(board)}`,
    ),
  ];
  if (version.pages.length > 0) {
    const pages = version.pages.map(({ title, file }) => `${title} (${file})`);
    parts.push(text`${paint.bold("Pages")}  ${pages.join(", ")}`);
  }
  return join(parts, "\n\n");
}

function statusOf({ status, heldBecause, forced }: EnvironmentVersion): Text {
  if (forced !== undefined) return paint.yellow(`published by ${forced.by} although a solution failed`);
  if (heldBecause !== undefined) return paint.red(`held back: ${heldBecause}`);
  return status === "published" ? paint.green(status) : paint.yellow(status);
}

function phaseTable(phases: readonly Phase[]): Text {
  return table(
    [
      { title: "#", align: "right" },
      { title: "PHASE" },
      { title: "OPEN (UTC)" },
      { title: "TASKS" },
      { title: "TIME LIMIT" },
      { title: "SUBMISSIONS" },
    ],
    phases.map((phase) => [
      phase.index,
      phase.name,
      windowOf(phase),
      phase.tasks.join(", "),
      formatSeconds(phase.executionTimeLimit),
      limitsOf(phase),
    ]),
  );
}

function windowOf({ start, end }: Phase): string {
  if (start === undefined && end === undefined) return "always";
  const from = start === undefined ? "" : `from ${formatTime(start)}`;
  return [from, end === undefined ? "" : `until ${formatTime(end)}`].filter((part) => part !== "").join(" ");
}

function limitsOf({ maxSubmissions, maxSubmissionsPerDay }: Phase): string {
  const limits = [
    ...(maxSubmissionsPerDay === undefined ? [] : [`${maxSubmissionsPerDay} a day`]),
    ...(maxSubmissions === undefined ? [] : [`${maxSubmissions} in all`]),
  ];
  return limits.length === 0 ? "unlimited" : limits.join(", ");
}

function taskTable({ tasks }: EnvironmentVersion): Text {
  return table(
    [{ title: "#", align: "right" }, { title: "TASK" }, { title: "RUNS" }, { title: "IMAGE" }],
    tasks.map(({ index, name, ingestion, concurrent, image }) => [
      index,
      name,
      concurrent ? "ingestion beside scoring" : ingestion ? "ingestion, scoring" : "scoring",
      image ?? paint.dim("none"),
    ]),
  );
}

function columnTable({ columns, primaryIndex }: EnvironmentVersion["leaderboards"][number]): Text {
  return table(
    [{ title: "COLUMN" }, { title: "KEY" }, { title: "BEST" }, { title: "" }],
    columns.map((column) => [
      column.title,
      column.key,
      column.sorting === "desc" ? "highest" : "lowest",
      paint.dim(
        [
          ...(column.index === primaryIndex ? ["ranks first"] : []),
          ...(column.computation === undefined ? [] : [column.computation]),
          ...(column.hidden ? ["hidden"] : []),
        ].join(", "),
      ),
    ]),
  );
}
