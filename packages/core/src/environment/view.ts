/** What the API shows of environments and versions. */
import type { Column } from "../bundle/manifest.ts";
import { type Environment, type EnvironmentVersion, environmentSchema } from "../wire/api.ts";
import type { EnvironmentRecord, VersionDocument, VersionRecord } from "./record.ts";

export function viewEnvironment(record: EnvironmentRecord): Environment {
  return environmentSchema.parse(record);
}

export function viewVersion(
  environment: EnvironmentRecord,
  version: VersionRecord,
  { manifest }: VersionDocument,
): EnvironmentVersion {
  const { document: _document, uploadId: _uploadId, description: _description, ...shown } = version;
  return {
    ...shown,
    environment: environment.name,
    pages: [
      ...manifest.pages,
      ...(manifest.terms === undefined ? [] : [{ title: "Terms", file: manifest.terms }]),
    ],
    phases: manifest.phases.map((phase) => ({
      index: phase.index,
      name: phase.name,
      description: phase.description,
      start: phase.start,
      end: phase.end,
      tasks: [...phase.tasks],
      executionTimeLimit: phase.executionTimeLimit,
      maxSubmissions: phase.maxSubmissions,
      maxSubmissionsPerDay: phase.maxSubmissionsPerDay,
      startingKit: phase.startingKit,
      publicData: phase.publicData,
    })),
    tasks: manifest.tasks.map((task) => ({
      index: task.index,
      name: task.name,
      description: task.description,
      ingestion: task.ingestionProgram !== undefined,
      concurrent: task.ingestionOnlyDuringScoring,
      image: task.dockerImage ?? manifest.dockerImage,
    })),
    leaderboards: manifest.leaderboards.map((board) => ({
      key: board.key,
      title: board.title,
      primaryIndex: board.primaryIndex,
      columns: viewColumns(board.columns),
    })),
  };
}

/** Columns as shown, with a computed one's rule in words: `avg of accuracy, f1`. */
export function viewColumns(
  columns: readonly Column[],
): EnvironmentVersion["leaderboards"][number]["columns"] {
  const keyAt = new Map(columns.map((column) => [column.index, column.key]));
  return columns.map((column) => ({
    key: column.key,
    title: column.title,
    index: column.index,
    sorting: column.sorting,
    precision: column.precision,
    hidden: column.hidden,
    computation:
      column.computation === undefined
        ? undefined
        : `${column.computation} of ${column.computationIndexes.map((index) => keyAt.get(index)).join(", ")}`,
  }));
}
