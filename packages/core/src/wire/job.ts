/** What crosses between the platform and one job: its definition, the spec its stage-in fetches, the outcome its stage-out reports. */
import * as z from "zod";
import { sha256 } from "./api/common.ts";
import { maxPutBytes } from "./api/upload.ts";
import { idSchema } from "./id.ts";
import { reasonSchema } from "./reason.ts";

/** `concurrent` runs the ingestion and the scoring program at once, in two containers over one shared directory. */
export const jobKinds = ["ingestion", "scoring", "concurrent"] as const;
export type JobKind = (typeof jobKinds)[number];

export const programNames = ["ingestion", "scoring"] as const;
export type ProgramName = (typeof programNames)[number];

/** What a program may ask for in its metadata. */
export const askableNetworkModes = ["none", "open"] as const;
/** `gateway`: the gateway to the run's model, and nothing else. */
export const networkModes = [...askableNetworkModes, "gateway"] as const;
export type NetworkMode = (typeof networkModes)[number];

/**
 * What a program with a model reaches where containers share an interface: the gateway alone, or whatever the platform
 * lets out. Operators decide.
 */
export const modelNetworks = ["gateway", "https"] as const;
export type ModelNetwork = (typeof modelNetworks)[number];

/** What one job may use. A breach ends the program with a reason that names the limit. */
export const limitsSchema = z.object({
  /** Wall clock of each program, seconds. */
  timeSeconds: z.number().positive(),
  /** Virtual CPUs; may be a fraction. */
  cpus: z.number().positive(),
  /** Memory of the program's whole process tree, MiB. */
  memoryMb: z.int().positive(),
  /** What the program may write, all of its directories together, MiB. */
  diskMb: z.int().positive(),
  /** Processes and threads at one time. */
  processes: z.int().positive(),
  /** Bytes of stdout and stderr kept, each. What comes after is counted and dropped, and the log says so. */
  logBytes: z.int().positive(),
});
export type Limits = z.infer<typeof limitsSchema>;

/**
 * What must be known before a job can be launched, and is the same for many: on AWS one task definition.
 * Equal definitions are registered once.
 */
export const jobDefinitionSchema = z.object({
  version: z.literal(1),
  kind: z.enum(jobKinds),
  /** The environment's container image; null when it names none. */
  image: z.string().nullable(),
  limits: limitsSchema,
  network: z.enum(networkModes),
});
export type JobDefinition = z.infer<typeof jobDefinitionSchema>;

/** One thing stage-in puts in place before the program starts. */
export const jobInputSchema = z.object({
  /** Absolute directory as the program sees it: `/app/input/ref`. */
  path: z.string().startsWith("/app/"),
  /** Which program sees it; absent when all do. */
  program: z.enum(programNames).optional(),
  /** Fetched with GET, no redirects. Only the HTTP channel sets it; in-process channels read the blob by key. */
  url: z.string().optional(),
  blob: z.string(),
  /** Bytes; checked. */
  size: z.int().nonnegative().optional(),
  /** Lower-case hex; checked when present. */
  sha256: z.string().optional(),
  /** A zip is unpacked into the directory; a plain file is put there under `filename`. */
  unpack: z.boolean(),
  filename: z.string().optional(),
});
export type JobInput = z.infer<typeof jobInputSchema>;

export const jobProgramSchema = z.object({
  name: z.enum(programNames),
  /** Variables substituted, split like a shell, run without one. */
  argv: z.array(z.string()).min(1),
  environment: z.record(z.string(), z.string()),
});
export type JobProgram = z.infer<typeof jobProgramSchema>;

/** Fetched by stage-in with the job token. */
export const jobSpecSchema = z
  .object({
    version: z.literal(1),
    jobId: idSchema("job"),
    runId: idSchema("run"),
    taskIndex: z.int().nonnegative(),
    kind: z.enum(jobKinds),
    inputs: z.array(jobInputSchema),
    /** One, or two for `concurrent`. */
    programs: z.array(jobProgramSchema).min(1).max(2),
    limits: limitsSchema,
    network: z.enum(networkModes),
    /** Small files of the platform's own, put in place last. One that is there already, as a submission's, is kept. */
    texts: z
      .array(
        z.object({ path: z.string().startsWith("/app/"), program: z.enum(programNames), text: z.string() }),
      )
      .optional(),
    /** Directories to create, empty and writable: `/app/output`, `/app/shared`. */
    directories: z.array(z.string()),
    /**
     * Values for the `metadata` file written beside the outputs (upstream's contract): those of an earlier
     * ingestion job, so that the scoring output carries both.
     */
    ingestion: z.object({ exitCode: z.int(), elapsedSeconds: z.number() }).optional(),
  })
  .meta({ id: "JobSpec" });
export type JobSpec = z.infer<typeof jobSpecSchema>;

/** How one program ended. */
export const programExitSchema = z.object({
  name: z.enum(programNames),
  /** Null when it never started or was ended by a signal. */
  exitCode: z.int().nullable(),
  signal: z.string().optional(),
  /** Wall clock, seconds. */
  elapsedSeconds: z.number().nonnegative(),
  /** MiB, where the executor can tell. */
  peakMemoryMb: z.number().optional(),
});
export type ProgramExit = z.infer<typeof programExitSchema>;

/** The files stage-out may upload for a job. */
export const jobFiles = ["output.zip", "stdout.log", "stderr.log"] as const;
export type JobFile = (typeof jobFiles)[number];

/** Asked by stage-out for each file: where to PUT it. */
export const createJobUploadSchema = z.object({
  file: z.enum(jobFiles),
  /** Bytes. */
  size: z.int().nonnegative().max(maxPutBytes),
  /** Lower-case hex. */
  sha256,
});

/** Reported by stage-out, last, once everything else is stored: `outcome.json`. */
export const jobOutcomeSchema = z.object({
  version: z.literal(1),
  jobId: idSchema("job"),
  status: z.enum(["succeeded", "failed"]),
  /** Present exactly when it failed. */
  reason: reasonSchema.optional(),
  programs: z.array(programExitSchema),
  /** What ran it: `docker`, `bubblewrap`, `namespaces`, `fargate`. */
  executor: z.string(),
  /** Things worth telling the reader of the run: "ran without its docker_image". */
  notes: z.array(z.string()).default([]),
  /** Absent when there was nothing to collect. */
  output: z
    .object({ size: z.int(), sha256: z.string(), files: z.int(), skipped: z.array(z.string()).default([]) })
    .optional(),
  startedAt: z.string(),
  endedAt: z.string(),
});
export type JobOutcome = z.infer<typeof jobOutcomeSchema>;

/** What the launcher knows when a job is over. The outcome itself is read from its blob. */
export interface JobExit {
  /** Whether stage-out reported an outcome. */
  readonly reported: boolean;
  /** Why not, when it did not. */
  readonly detail?: string;
}
