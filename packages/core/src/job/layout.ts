/** What each program of a job finds under `/app`. Source: the table in bundle contract §4. */
import type { JobKind, ProgramName } from "../wire/job.ts";

/** What a job is given besides its programs. */
export type DataRole = "inputData" | "referenceData" | "submission" | "predictions";

export const appDirectory = "/app";
/** Working directory of every program. */
export const programDirectory = "/app/program";
export const outputDirectory = "/app/output";
export const sharedDirectory = "/app/shared";
/** Other names of `/app/program`, made as links inside `/app`. */
export const programAliases = ["/app/ingestion_program", "/app/scoring_program"] as const;
/** Empty and writable at the start, and the same directory for both programs of a concurrent job. */
export const sharedDirectories = [outputDirectory, sharedDirectory] as const;

/** Where a program in a sandbox finds the gateway: its loopback is its own. */
export const localGatewayPort = 8377;
export const localGatewayUrl = `http://127.0.0.1:${localGatewayPort}/gateway/v1`;

/** Where the ingestion program of a run against a model reads which one, and how to ask it. */
export const modelFile = "/app/ingested_program/model.json";

export interface Placement {
  readonly role: DataRole;
  readonly path: string;
}

/** Which programs run in a job of that kind, in the order they are listed. */
export const programsOf: Readonly<Record<JobKind, readonly ProgramName[]>> = {
  ingestion: ["ingestion"],
  scoring: ["scoring"],
  concurrent: ["ingestion", "scoring"],
};

const ingestionInputs: readonly Placement[] = [
  { role: "inputData", path: "/app/input_data" },
  { role: "submission", path: "/app/ingested_program" },
];

const placements: Readonly<Record<JobKind, Readonly<Partial<Record<ProgramName, readonly Placement[]>>>>> = {
  ingestion: { ingestion: ingestionInputs },
  scoring: {
    scoring: [
      { role: "predictions", path: "/app/input/res" },
      { role: "referenceData", path: "/app/input/ref" },
    ],
  },
  // There are no predictions yet: upstream shows the submission in their place. Each program has a copy of its own.
  concurrent: {
    ingestion: [...ingestionInputs, { role: "submission", path: "/app/input/res" }],
    scoring: [
      { role: "submission", path: "/app/input/res" },
      { role: "referenceData", path: "/app/input/ref" },
    ],
  },
};

/** Where that program of such a job finds its data. A directory exists, empty, when there is no such data. */
export function placementsOf(kind: JobKind, program: ProgramName): readonly Placement[] {
  return placements[kind][program] ?? [];
}
