/**
 * What the HTTP API takes and gives: one schema per resource, from which requests are checked, the OpenAPI document
 * is generated, and the command line reads. Times are ISO 8601 UTC; sizes are bytes; ids are prefixed (`id.ts`).
 */
import * as z from "zod";
import { findingSchema } from "./finding.ts";
import { idSchema } from "./id.ts";
import { reasonSchema } from "./reason.ts";
import { runStatuses, taskStatuses, uploadStatuses, versionStatuses } from "./status.ts";

const time = z.iso.datetime();
const sha256 = z.string().regex(/^[0-9a-f]{64}$/, "must be 64 lower-case hexadecimal digits");
const score = z.record(z.string(), z.number());
const unscored = z.record(z.string(), z.string());

/** How environments are named inside a workspace: the last part of `workspace/name`. */
export const slugSchema = z
  .string()
  .regex(/^[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?$/, "must be 1 to 64 lower-case letters, digits and hyphens")
  .meta({ examples: ["penguins"] });

// ── Problems ─────────────────────────────────────────────────────────────────────────────────────────

/** RFC 9457 `application/problem+json`. */
export const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    /** Stable; what a client should branch on. */
    code: z.string(),
    detail: z.string(),
    hint: z.string().optional(),
    findings: z.array(findingSchema).optional(),
    /** `urn:uuid:…` of an unexpected error: what the server's log calls it. */
    instance: z.string().optional(),
  })
  .meta({ id: "Problem" });
export type Problem = z.infer<typeof problemSchema>;

/** A page of anything. */
export function pageOf<T extends z.ZodType>(item: T) {
  return z.object({ items: z.array(item), cursor: z.string().optional() });
}

export const pageQuerySchema = z.object({
  cursor: z.string().max(4096).optional().meta({ description: "From the page before." }),
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(200)
    .default(50)
    .meta({ description: "Items on a page, at most." }),
});

// ── Uploads ──────────────────────────────────────────────────────────────────────────────────────────

export const uploadKinds = ["bundle", "submission"] as const;

/** The most one signed PUT takes (S3's limit). */
export const maxUploadBytes = 5 * 1024 ** 3;

export const createUploadSchema = z.object({
  kind: z.enum(uploadKinds),
  filename: z.string().min(1).max(255),
  size: z.int().positive().max(maxUploadBytes),
  sha256,
  /** For a bundle: the environment it is a new version of, or the name of a new one. Default: made from its title. */
  environment: slugSchema.optional(),
  /**
   * For a bundle. `publish` verifies its solutions and publishes; `run` only stores it, to be run as it is.
   */
  purpose: z.enum(["publish", "run"]).default("publish"),
});
export type CreateUpload = z.infer<typeof createUploadSchema>;

export const signedUploadSchema = z
  .object({
    method: z.literal("PUT"),
    url: z.string(),
    /** All must be sent exactly as given. */
    headers: z.record(z.string(), z.string()),
    expiresAt: time,
  })
  .meta({ id: "SignedUpload" });

export const uploadSchema = z
  .object({
    id: idSchema("upload"),
    kind: z.enum(uploadKinds),
    filename: z.string(),
    size: z.int(),
    sha256,
    status: z.enum(uploadStatuses),
    findings: z.array(findingSchema),
    /** Set once a bundle is accepted. `unchanged` when the content equals an existing version. */
    result: z
      .object({
        environmentId: idSchema("environment"),
        environment: z.string(),
        version: z.int(),
        unchanged: z.boolean(),
      })
      .optional(),
    createdAt: time,
    expiresAt: time,
  })
  .meta({ id: "Upload" });
export type Upload = z.infer<typeof uploadSchema>;

export const createdUploadSchema = z.object({ upload: uploadSchema, put: signedUploadSchema });

// ── Environments ─────────────────────────────────────────────────────────────────────────────────────

export const visibilities = ["private", "public"] as const;

export const environmentSchema = z
  .object({
    id: idSchema("environment"),
    workspace: z.string(),
    name: slugSchema,
    title: z.string(),
    description: z.string().optional(),
    visibility: z.enum(visibilities),
    /** The newest published version; null while there is none. */
    publishedVersion: z.int().nullable(),
    latestVersion: z.int(),
    createdAt: time,
    updatedAt: time,
  })
  .meta({ id: "Environment" });
export type Environment = z.infer<typeof environmentSchema>;

export const verificationSchema = z.object({
  solution: z.int(),
  phase: z.int(),
  runId: idSchema("run"),
  status: z.enum(runStatuses),
  reason: reasonSchema.optional(),
});

const columnSchema = z.object({
  key: z.string(),
  title: z.string(),
  index: z.int(),
  sorting: z.enum(["asc", "desc"]),
  precision: z.int(),
  hidden: z.boolean(),
  /** `avg of accuracy, f1` for a computed one. */
  computation: z.string().optional(),
});

export const versionSchema = z
  .object({
    environmentId: idSchema("environment"),
    environment: z.string(),
    number: z.int().positive(),
    status: z.enum(versionStatuses),
    /** Hash of everything in the bundle. Equal content has an equal hash. */
    contentHash: z.string(),
    title: z.string(),
    findings: z.array(findingSchema),
    verifications: z.array(verificationSchema),
    /** Published although a solution failed. */
    forced: z.object({ by: z.string(), at: time }).optional(),
    /** Why it is held back. */
    heldBecause: z.string().optional(),
    pages: z.array(z.object({ title: z.string(), file: z.string() })),
    phases: z.array(
      z.object({
        index: z.int(),
        name: z.string(),
        description: z.string().optional(),
        start: time.optional(),
        end: time.optional(),
        tasks: z.array(z.int()),
        executionTimeLimit: z.number(),
        maxSubmissions: z.int().optional(),
        maxSubmissionsPerDay: z.int().optional(),
        /** Paths of what its participants may download: `GET …/files/{file}`. */
        startingKit: z.string().optional(),
        publicData: z.string().optional(),
      }),
    ),
    tasks: z.array(
      z.object({
        index: z.int(),
        name: z.string(),
        description: z.string().optional(),
        ingestion: z.boolean(),
        concurrent: z.boolean(),
        image: z.string().optional(),
      }),
    ),
    leaderboards: z.array(
      z.object({ key: z.string(), title: z.string(), primaryIndex: z.int(), columns: z.array(columnSchema) }),
    ),
    createdAt: time,
    createdBy: z.string(),
  })
  .meta({ id: "EnvironmentVersion" });
export type EnvironmentVersion = z.infer<typeof versionSchema>;

/** A file of a version that its participants may download. */
export const downloadSchema = z
  .object({
    filename: z.string(),
    size: z.int(),
    /** Signed; expires. */
    url: z.string(),
  })
  .meta({ id: "Download" });
export type Download = z.infer<typeof downloadSchema>;

export const patchEnvironmentSchema = z.object({ visibility: z.enum(visibilities) });

/** Said in full, because the choice is recorded and shown. */
export const forcePublishSchema = z.object({ despiteFailedSolution: z.literal(true) });

// ── Submissions and runs ─────────────────────────────────────────────────────────────────────────────

export const submissionKinds = ["predictions", "code", "dataset"] as const;
export type SubmissionKind = (typeof submissionKinds)[number];

export const createSubmissionSchema = z.object({ uploadId: idSchema("upload") });

export const submissionSchema = z
  .object({
    id: idSchema("submission"),
    participant: z.string(),
    filename: z.string(),
    size: z.int(),
    sha256,
    createdAt: time,
  })
  .meta({ id: "Submission" });
export type Submission = z.infer<typeof submissionSchema>;

export const createRunSchema = z.object({
  /** Id, `name`, or `workspace/name`; `@3` at the end names a version, default the newest published. */
  environment: z.string().max(300),
  submissionId: idSchema("submission"),
  /** Index or name. Default: the only open phase. */
  phase: z.string().max(300).optional(),
  /** Default: code where any task of the phase has an ingestion program, else predictions. */
  as: z.enum(submissionKinds).optional(),
  /** Shown on the leaderboard. Default: the submission's file name. */
  name: z.string().min(1).max(200).optional(),
});
export type CreateRun = z.infer<typeof createRunSchema>;

export const runPurposes = ["evaluation", "verification", "trial"] as const;

export const runTaskSchema = z.object({
  index: z.int(),
  name: z.string(),
  status: z.enum(taskStatuses),
  reason: reasonSchema.optional(),
  scores: score,
  unscored,
  startedAt: time.optional(),
  endedAt: time.optional(),
  /** "ran without its docker_image python:3.12", and the like. */
  notes: z.array(z.string()),
  /** What ran its programs: `docker`, `bubblewrap`, `namespaces`, `fargate`. */
  executor: z.string().optional(),
});
export type RunTask = z.infer<typeof runTaskSchema>;

export const runSchema = z
  .object({
    id: idSchema("run"),
    name: z.string(),
    participant: z.string(),
    environmentId: idSchema("environment"),
    environment: z.string(),
    version: z.int(),
    phase: z.object({ index: z.int(), name: z.string() }),
    submissionId: idSchema("submission"),
    as: z.enum(submissionKinds),
    /** `verification` of a solution and `trial` of an unpublished bundle never reach a leaderboard. */
    purpose: z.enum(runPurposes),
    status: z.enum(runStatuses),
    reason: reasonSchema.optional(),
    tasks: z.array(runTaskSchema),
    /** Column key to the run's value: mean over tasks, computed columns included. Full precision. */
    scores: score,
    unscored,
    createdAt: time,
    startedAt: time.optional(),
    endedAt: time.optional(),
    /** The run this one repeats. */
    retryOf: idSchema("run").optional(),
  })
  .meta({ id: "Run" });
export type Run = z.infer<typeof runSchema>;

export const runFileSchema = z.object({
  task: z.int(),
  job: z.string(),
  name: z.string(),
  size: z.int(),
  /** Signed; expires. */
  url: z.string(),
});
export type RunFile = z.infer<typeof runFileSchema>;

export const logEntrySchema = z.object({
  task: z.int(),
  job: z.enum(["ingestion", "scoring", "concurrent"]),
  stream: z.enum(["stdout", "stderr", "system"]),
  /** Milliseconds since the epoch. */
  at: z.number(),
  /** Untrusted. */
  text: z.string(),
});
export type LogEntry = z.infer<typeof logEntrySchema>;

/** Log entries after a cursor. `done`: the run is over and nothing is left to read. */
export const runLogsSchema = z
  .object({ entries: z.array(logEntrySchema), cursor: z.string(), done: z.boolean() })
  .meta({ id: "RunLogs" });
export type RunLogs = z.infer<typeof runLogsSchema>;

// ── Leaderboards ─────────────────────────────────────────────────────────────────────────────────────

export const leaderboardFormats = ["csv", "json"] as const;

/** Which board of an environment, in which order. */
export const leaderboardQuerySchema = pageQuerySchema.extend({
  phase: boardPart("Index or name. Default: the only open phase, else the first."),
  board: boardPart("The leaderboard's key. Default: the first."),
  sort: boardPart("Key of a column. Default: the board's own order."),
  direction: z.enum(["asc", "desc"]).optional().meta({ description: "Default: the column's own." }),
  format: z
    .enum(leaderboardFormats)
    .optional()
    .meta({ description: "All of the board, in its own order, as a file." }),
});

function boardPart(description: string) {
  return z.string().min(1).max(300).optional().meta({ description });
}

export const leaderboardRowSchema = z.object({
  /** Equal in all columns means equal rank. */
  rank: z.int().positive(),
  runId: idSchema("run"),
  name: z.string(),
  participant: z.string(),
  submittedAt: time,
  version: z.int(),
  scores: score,
  unscored,
  taskScores: z.record(z.string(), score),
});
export type LeaderboardRow = z.infer<typeof leaderboardRowSchema>;

export const leaderboardSchema = z
  .object({
    environment: z.string(),
    phase: z.object({ index: z.int(), name: z.string() }),
    key: z.string(),
    title: z.string(),
    columns: z.array(columnSchema),
    sortedBy: z.object({ column: z.string(), direction: z.enum(["asc", "desc"]) }),
    rows: z.array(leaderboardRowSchema),
    cursor: z.string().optional(),
  })
  .meta({ id: "LeaderboardPage" });
export type LeaderboardPage = z.infer<typeof leaderboardSchema>;

// ── Tokens ───────────────────────────────────────────────────────────────────────────────────────────

/** Each includes what it needs of the ones before it: an author may also submit and read. */
export const scopes = ["read", "submit", "author", "admin"] as const;
export type Scope = (typeof scopes)[number];

export const createTokenSchema = z.object({
  /** The participant it speaks for. */
  name: z.string().regex(/^[\w.@-]{1,64}$/, "must be 1 to 64 letters, digits, and _ . @ -"),
  scope: z.enum(scopes),
  expiresInDays: z.int().min(1).max(3650).default(365),
});

export const tokenSchema = z
  .object({
    id: idSchema("token"),
    name: z.string(),
    workspace: z.string(),
    scope: z.enum(scopes),
    createdAt: time,
    expiresAt: time,
  })
  .meta({ id: "Token" });
export type Token = z.infer<typeof tokenSchema>;

/** The secret is shown once, here. */
export const createdTokenSchema = z.object({ token: tokenSchema, secret: z.string() });

// ── The server ───────────────────────────────────────────────────────────────────────────────────────

export const healthSchema = z.object({ status: z.literal("ok"), version: z.string() });
