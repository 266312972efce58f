/** Uploads: announced, sent to a signed URL, checked. */
import * as z from "zod";
import { findingSchema } from "../finding.ts";
import { idSchema } from "../id.ts";
import { uploadStatuses } from "../status.ts";
import { sha256, slugSchema, time } from "./common.ts";

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
