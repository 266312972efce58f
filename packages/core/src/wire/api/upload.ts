/** Uploads: announced, sent to a signed URL, checked. */
import * as z from "zod";
import { findingSchema } from "../finding.ts";
import { idSchema } from "../id.ts";
import { uploadStatuses } from "../status.ts";
import { sha256, slugSchema, time } from "./common.ts";

export const uploadKinds = ["bundle", "submission"] as const;

/** The most one signed PUT takes (S3's limit): 5 GiB. */
export const maxPutBytes = 5 * 1024 ** 3;

/** The most one upload takes anywhere, in parts: 50 GiB. A deployment may take less (`UploadPolicy`). */
export const maxUploadBytes = 50 * 1024 ** 3;

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
    /**
     * For what is too large for one PUT: it is sent in `count` parts of `size` bytes each, the last of what remains.
     */
    parts: z.object({ size: z.int(), count: z.int() }).optional(),
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

export const createdUploadSchema = z.object({
  upload: uploadSchema,
  /** Where the bytes go. Absent when the upload has `parts`: each of them is signed on its own. */
  put: signedUploadSchema.optional(),
});

const partSchema = z.object({
  /** From 1. */
  number: z.int(),
  /** Bytes. */
  size: z.int(),
  sha256,
});

/** Parts signed by one request. */
export const maxSignedParts = 100;

export const signPartsSchema = z.object({ parts: z.array(partSchema).min(1).max(maxSignedParts) });
export type SignParts = z.infer<typeof signPartsSchema>;

export const signedPartsSchema = z.object({
  items: z.array(z.object({ number: z.int(), put: signedUploadSchema })),
});
export type SignedParts = z.infer<typeof signedPartsSchema>;

/** The parts that have arrived, by number. Without `sha256` where the store does not tell it. */
export const arrivedPartsSchema = z.object({
  items: z.array(partSchema.extend({ sha256: sha256.optional() })),
});
export type ArrivedParts = z.infer<typeof arrivedPartsSchema>;
