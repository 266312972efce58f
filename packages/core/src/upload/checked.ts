/** What the check of a bundle found, kept for the step that publishes it. Written and read only by us. */
import type { Manifest, ProgramMetadata } from "../bundle/manifest.ts";
import { PlatformFault } from "../error.ts";
import type { Ports } from "../ports.ts";
import type { Finding } from "../wire/finding.ts";
import { blobKey } from "../wire/key.ts";
import { keptFindings } from "./end.ts";
import type { UploadRecord } from "./record.ts";

/** A bundle without an error. */
export interface CheckedBundle {
  readonly findings: readonly Finding[];
  readonly manifest: Manifest;
  /** By the program's path in the bundle. */
  readonly programs: Readonly<Record<string, ProgramMetadata>>;
}

export async function hasCheckedBundle(
  ports: Pick<Ports, "blobs">,
  upload: Pick<UploadRecord, "id">,
): Promise<boolean> {
  return (await ports.blobs.head(blobKey.checked(upload.id))) !== undefined;
}

/** Of the findings those that a version keeps. */
export async function keepCheckedBundle(
  ports: Pick<Ports, "blobs">,
  upload: Pick<UploadRecord, "id">,
  checked: CheckedBundle,
): Promise<void> {
  const findings = keptFindings(checked.findings);
  const bytes = new TextEncoder().encode(JSON.stringify({ ...checked, findings }));
  await ports.blobs.put(blobKey.checked(upload.id), bytes, {
    size: bytes.length,
    contentType: "application/json",
  });
}

/** @throws PlatformFault `check_missing` when the upload was never checked, or is over */
export async function loadCheckedBundle(
  ports: Pick<Ports, "blobs">,
  upload: Pick<UploadRecord, "id">,
): Promise<CheckedBundle> {
  const bytes = await ports.blobs.get(blobKey.checked(upload.id));
  if (bytes === undefined) {
    throw new PlatformFault("check_missing", `The result of checking ${upload.id} is not there.`);
  }
  return JSON.parse(new TextDecoder().decode(bytes)) as CheckedBundle;
}
