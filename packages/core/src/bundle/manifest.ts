/**
 * A bundle's `competition.yaml` once read: defaults filled in, dialects folded into one, dates resolved.
 * Sources of every rule: shared bundle contract §2, the public BenchGen docs, Codabench v2.
 */
export interface Manifest {
  readonly title: string;
  readonly description?: string;
  /** Path of the logo inside the bundle. */
  readonly image?: string;
  readonly terms?: string;
  readonly contactEmail?: string;
  readonly dockerImage?: string;
  readonly enableDetailedResults: boolean;
  readonly pages: readonly { readonly title: string; readonly file: string }[];
  /** By index, ascending; so are tasks, solutions, and a leaderboard's columns. */
  readonly phases: readonly Phase[];
  readonly tasks: readonly Task[];
  readonly solutions: readonly Solution[];
  readonly leaderboards: readonly Leaderboard[];
  /** Fields that are accepted and kept without meaning here, as they were written. */
  readonly kept: Readonly<Record<string, unknown>>;
}

export interface Phase {
  readonly index: number;
  readonly name: string;
  readonly description?: string;
  /** ISO 8601, UTC, inclusive. Absent: open since ever. */
  readonly start?: string;
  /** ISO 8601, UTC, exclusive. Absent: never closes. */
  readonly end?: string;
  /** Task indexes. */
  readonly tasks: readonly number[];
  /** Seconds, of each program. Default 600. */
  readonly executionTimeLimit: number;
  /** Per participant. Absent: unlimited. A day is a UTC day. */
  readonly maxSubmissionsPerDay?: number;
  readonly maxSubmissions?: number;
  readonly hideOutput: boolean;
  readonly hidePredictionOutput: boolean;
  readonly hideScoreOutput: boolean;
  readonly startingKit?: string;
  readonly publicData?: string;
}

export interface Task {
  readonly index: number;
  readonly name: string;
  readonly description?: string;
  /** Paths inside the bundle, normalised: no `./`, no trailing slash. */
  readonly scoringProgram: string;
  readonly referenceData?: string;
  readonly ingestionProgram?: string;
  readonly inputData?: string;
  readonly ingestionOnlyDuringScoring: boolean;
  readonly dockerImage?: string;
}

/** An example submission, not the ground truth. */
export interface Solution {
  readonly index: number;
  readonly path: string;
  readonly tasks: readonly number[];
  readonly name?: string;
  readonly description?: string;
}

export const submissionRules = [
  "Add",
  "Add_And_Delete",
  "Add_And_Delete_Multiple",
  "Force_Last",
  "Force_Latest_Multiple",
  "Force_Best",
] as const;
export type SubmissionRule = (typeof submissionRules)[number];

export interface Leaderboard {
  readonly title: string;
  readonly key: string;
  readonly hidden: boolean;
  /** Absent: every successful run is a row. */
  readonly submissionRule?: SubmissionRule;
  /** The `index` of the column that ranks first. Default 0. */
  readonly primaryIndex: number;
  readonly columns: readonly Column[];
}

export const computations = ["avg", "sum", "min", "max"] as const;
export type Computation = (typeof computations)[number];

export interface Column {
  readonly title: string;
  readonly key: string;
  readonly index: number;
  readonly sorting: "asc" | "desc";
  readonly computation?: Computation;
  /** The `index` of each column it is computed from. Empty without a computation. */
  readonly computationIndexes: readonly number[];
  /** Decimals shown; ranking uses full precision. Default 2. */
  readonly precision: number;
  readonly hidden: boolean;
}

/** A program's `metadata.yaml`, else `metadata`. */
export interface ProgramMetadata {
  readonly command: string;
  /** Default `none`. */
  readonly network: "none" | "open";
  readonly resources: {
    readonly cpus?: number;
    readonly memoryMb?: number;
    readonly diskMb?: number;
    readonly timeSeconds?: number;
  };
  /** It wants to ask a model for its judgement; a name says which one it was made for. */
  readonly judgeModel?: true | string;
  /** The keys the program says it writes to scores.json. */
  readonly scores?: readonly string[];
}

/**
 * What a version stores, by path inside the bundle. A directory that a field names is packed into one zip, with its
 * contents at the archive root; `""` packs everything no field names. Equal content has an equal hash.
 */
export interface StoredFile {
  readonly kind: "file" | "directory";
  readonly sha256: string;
  /** Bytes of the blob. */
  readonly size: number;
}
export type FileMap = Readonly<Record<string, StoredFile>>;
