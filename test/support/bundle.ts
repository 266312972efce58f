/** Bundles for tests, as member paths and contents: small, valid, and in nothing but `sh`. */
import { type Dirent, readFileSync, readdirSync } from "node:fs";
import { join, relative } from "node:path";
import type { Files } from "./api.ts";

type Fields = Readonly<Record<string, unknown>>;

export interface ProgramParts {
  /** Run by `sh`. */
  readonly script: string;
  /** Of its metadata.yaml, besides the command. */
  readonly metadata?: Fields;
}

export interface BundleParts {
  readonly title?: string;
  /** Fields of competition.yaml that replace those made here. */
  readonly competition?: Fields;
  /** Added to the only phase. */
  readonly phase?: Fields;
  /** Added to the only task. */
  readonly task?: Fields;
  readonly scoring?: ProgramParts;
  readonly ingestion?: ProgramParts;
  /** More members. */
  readonly files?: Files;
}

/** A scoring program that takes the scores from the submission. */
export const copyScores = { script: "cp /app/input/res/scores.json /app/output/scores.json" };

/** A scoring program, or with `$submission_program` an ingestion program, that runs what was submitted. */
export const runSubmitted = (directory: string, metadata: Fields = {}): ProgramParts => ({
  script: `. ${directory}/main.sh`,
  metadata,
});

/** One phase, one task, one leaderboard with the columns `accuracy` and `loss`. */
export function bundleFiles(parts: BundleParts): Files {
  const { title = "Flow", scoring = copyScores, ingestion } = parts;
  const competition = {
    version: 2,
    title,
    phases: [{ index: 0, name: "Main", tasks: [0], ...parts.phase }],
    tasks: [
      {
        index: 0,
        name: "Only",
        scoring_program: "scoring_program",
        reference_data: "reference_data",
        ...(ingestion && { ingestion_program: "ingestion_program", input_data: "input_data" }),
        ...parts.task,
      },
    ],
    leaderboards: [leaderboard()],
    ...parts.competition,
  };
  return {
    // YAML 1.2 is a superset of JSON.
    "competition.yaml": JSON.stringify(competition),
    "reference_data/answers.txt": "secret\n",
    ...programFiles("scoring_program", scoring),
    ...(ingestion && {
      "input_data/questions.txt": "question\n",
      ...programFiles("ingestion_program", ingestion),
    }),
    ...parts.files,
  };
}

function leaderboard(): Fields {
  return {
    title: "Results",
    key: "main",
    columns: [
      { title: "Accuracy", key: "accuracy", index: 0 },
      { title: "Loss", key: "loss", index: 1, sorting: "asc" },
    ],
  };
}

export function programFiles(directory: string, { script, metadata = {} }: ProgramParts): Files {
  const fields = { command: "sh $program/main.sh", scores: ["accuracy", "loss"], ...metadata };
  return { [`${directory}/metadata.yaml`]: JSON.stringify(fields), [`${directory}/main.sh`]: `${script}\n` };
}

/** A submission to the bundles whose scoring program copies the scores. */
export const scored = (accuracy: number, loss = 0): Files => ({
  "scores.json": JSON.stringify({ accuracy, loss }),
});

/** A submission to the bundles whose programs run what was submitted. */
export const script = (text: string): Files => ({ "main.sh": `${text}\n` });

/** A directory's files, as members. */
export function filesIn(directory: string): Files {
  const entries: Dirent[] = readdirSync(directory, { recursive: true, withFileTypes: true });
  return Object.fromEntries(
    entries
      .filter((entry) => entry.isFile())
      .map((entry) => {
        const path = join(entry.parentPath, entry.name);
        return [relative(directory, path), readFileSync(path)];
      }),
  );
}
