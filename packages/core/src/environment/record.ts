/** Environments and versions as the table stores them. */
import * as z from "zod";
import type { FileMap, Manifest, ProgramMetadata } from "../bundle/manifest.ts";
import { NotFound } from "../error.ts";
import type { Blobs, Ports, Table } from "../ports.ts";
import { tableKey } from "../record/key.ts";
import { readRecord } from "../record/record.ts";
import { environmentSchema, verificationSchema } from "../wire/api.ts";
import { findingSchema } from "../wire/finding.ts";
import { type EnvironmentId, idSchema } from "../wire/id.ts";
import { blobKey } from "../wire/key.ts";
import { versionStatuses } from "../wire/status.ts";

export const environmentRecordSchema = environmentSchema.extend({
  /** Missing in the table while there is none: "below" counts what is missing as low. */
  publishedVersion: z.int().nullable().default(null),
  /** Made by running a bundle once (`benchgen run DIR`): never listed, never published. */
  trial: z.boolean(),
});
export type EnvironmentRecord = z.infer<typeof environmentRecordSchema>;

export const versionRecordSchema = z.object({
  environmentId: idSchema("environment"),
  number: z.int().positive(),
  status: z.enum(versionStatuses),
  contentHash: z.string(),
  title: z.string(),
  /** Of the environment, once this is its newest published version. */
  description: z.string().optional(),
  /** The document's blob: manifest, programs, files. It may be larger than an item may be. */
  document: z.string(),
  findings: z.array(findingSchema),
  /** The runs of its solutions, as they stood when the last of them ended. */
  verifications: z.array(verificationSchema),
  forced: z.object({ by: z.string(), at: z.string() }).optional(),
  heldBecause: z.string().optional(),
  createdAt: z.string(),
  createdBy: z.string(),
  uploadId: idSchema("upload"),
});
export type VersionRecord = z.infer<typeof versionRecordSchema>;

/** What a version is made of. Immutable, content-addressed, written and read only by us. */
export interface VersionDocument {
  readonly manifest: Manifest;
  /** By the program's path in the bundle. */
  readonly programs: Readonly<Record<string, ProgramMetadata>>;
  readonly files: FileMap;
}

/** @throws NotFound */
export async function loadEnvironment(
  table: Pick<Table, "get">,
  id: EnvironmentId,
): Promise<EnvironmentRecord> {
  const record = await readRecord(table, tableKey.environment(id), environmentRecordSchema);
  if (record === undefined) throw new NotFound("environment", id);
  return record;
}

/** @throws NotFound */
export async function loadVersion(
  table: Pick<Table, "get">,
  id: EnvironmentId,
  number: number,
): Promise<VersionRecord> {
  const record = await readRecord(table, tableKey.version(id, number), versionRecordSchema);
  if (record === undefined) {
    throw new NotFound("version", String(number), "List them with: benchgen env versions ENV");
  }
  return record;
}

/** @throws Error when the blob is gone: a version is never deleted, so that is damage, not input */
export async function loadDocument(
  blobs: Pick<Blobs, "get">,
  version: Pick<VersionRecord, "document">,
): Promise<VersionDocument> {
  const bytes = await blobs.get(blobKey.content(version.document));
  if (bytes === undefined) throw new Error(`the document ${version.document} of a version is missing`);
  return JSON.parse(new TextDecoder().decode(bytes)) as VersionDocument;
}

/** The version and its document at once. */
export async function loadVersionWhole(
  ports: Pick<Ports, "table" | "blobs">,
  id: EnvironmentId,
  number: number,
): Promise<{ version: VersionRecord; document: VersionDocument }> {
  const version = await loadVersion(ports.table, id, number);
  return { version, document: await loadDocument(ports.blobs, version) };
}
