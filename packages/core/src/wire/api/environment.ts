/** Environments and their versions. */
import * as z from "zod";
import { findingSchema } from "../finding.ts";
import { idSchema } from "../id.ts";
import { reasonSchema } from "../reason.ts";
import { runStatuses, versionStatuses } from "../status.ts";
import { pageQuerySchema, sha256, slugSchema, time } from "./common.ts";

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

export const environmentQuerySchema = pageQuerySchema.extend({
  public: z
    .enum(["true", "false"])
    .default("false")
    .meta({ description: "true: those any workspace has made public. Otherwise those of your workspace." }),
});

export const verificationSchema = z.object({
  solution: z.int(),
  phase: z.int(),
  runId: idSchema("run"),
  status: z.enum(runStatuses),
  reason: reasonSchema.optional(),
});

export const columnSchema = z.object({
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

/** What a version's bundle is packed of, in this order. */
export const bundleListingSchema = z
  .object({
    filename: z.string(),
    /** Of paths and contents: equal hashes, equal bundles. */
    contentHash: sha256,
    files: z.array(
      z.object({
        /** In the bundle. Empty for everything that no field of competition.yaml names. */
        path: z.string(),
        /** Of a directory the contents are packed in a zip of their own. */
        kind: z.enum(["file", "directory"]),
        /** Of what the URL leads to. */
        sha256,
        size: z.int(),
        /** Signed; expires after an hour. */
        url: z.string(),
      }),
    ),
  })
  .meta({ id: "BundleListing" });
export type BundleListing = z.infer<typeof bundleListingSchema>;

export const patchEnvironmentSchema = z.object({ visibility: z.enum(visibilities) });

/** Said in full, because the choice is recorded and shown. */
export const forcePublishSchema = z.object({ despiteFailedSolution: z.literal(true) });
