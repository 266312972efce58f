/** From a checked bundle to an immutable, numbered version. */
import { createHash } from "node:crypto";
import { type KeepPorts, keepContent } from "../content/keep.ts";
import { Conflict } from "../error.ts";
import type { Ports, WriteOperation } from "../ports.ts";
import { tableKey } from "../record/key.ts";
import { toAttributes, toItem } from "../record/record.ts";
import { writeIf } from "../record/write.ts";
import type { EnvironmentId, UploadId } from "../wire/id.ts";
import { type VersionStatus, allowedFrom, versionMoves } from "../wire/status.ts";
import type { Finding } from "../wire/finding.ts";
import { environmentIndexes } from "./catalogue.ts";
import {
  type EnvironmentRecord,
  type VersionDocument,
  type VersionRecord,
  loadEnvironment,
  loadVersion,
} from "./record.ts";

type VersionPorts = Pick<Ports, "table" | "blobs" | "clock" | "ids">;

export interface NewVersion {
  readonly workspace: string;
  readonly createdBy: string;
  /** The environment's name; a new environment is made when none has it. */
  readonly name: string;
  readonly trial: boolean;
  readonly contentHash: string;
  readonly document: VersionDocument;
  readonly findings: readonly Finding[];
  /** The upload it came in: tells a repeat of the same upload from another one with equal content. */
  readonly uploadId: UploadId;
}

export interface AddedVersion {
  readonly environment: EnvironmentRecord;
  readonly version: VersionRecord;
  /** The content equals an existing version, which is returned: none was made. */
  readonly unchanged: boolean;
}

/** How often two pushes may take the same number before it is somebody's loop. */
const maxAttempts = 20;

/** Stores a version as `verifying`, or `unpublished` for a trial. Identical content makes none. Safe to repeat. */
export async function addVersion(ports: VersionPorts, input: NewVersion): Promise<AddedVersion> {
  const document = await storeDocument(ports, input.document);
  for (let attempt = 0; attempt < maxAttempts; attempt++) {
    const environment = await environmentOf(ports, input);
    const existing = await ports.table.get(tableKey.content(environment.id, input.contentHash));
    if (existing !== undefined) {
      const version = await loadVersion(ports.table, environment.id, Number(existing["number"]));
      return { environment, version, unchanged: version.uploadId !== input.uploadId };
    }
    const added = await tryAdd(ports, environment, input, document);
    if (added !== undefined) return added;
  }
  throw new Conflict("version_contended", `Too many versions of "${input.name}" are being pushed at once.`, {
    hint: "Push again in a moment.",
  });
}

/**
 * Moves a version to `published`, makes it the newest if it is, and tells the world.
 * False when its status forbids it: it is published already, or was never verified.
 */
export async function publishVersion(
  ports: Pick<Ports, "table" | "bus" | "clock">,
  environment: EnvironmentRecord,
  version: VersionRecord,
  change: Partial<Pick<VersionRecord, "forced" | "verifications" | "findings">>,
): Promise<boolean> {
  const move = moveVersion(version, "published", change);
  const makeNewest: WriteOperation = {
    kind: "update",
    key: tableKey.environment(environment.id),
    set: {
      publishedVersion: version.number,
      title: version.title,
      ...(version.description === undefined ? {} : { description: version.description }),
      updatedAt: ports.clock.now().toISOString(),
    },
    ...(version.description === undefined ? { remove: ["description"] } : {}),
    // A slow verification of an older version must not hide a newer one.
    conditions: [{ kind: "exists" }, { kind: "below", attribute: "publishedVersion", value: version.number }],
  };
  const moved = (await writeIf(ports.table, [move, makeNewest])) || (await writeIf(ports.table, [move]));
  if (!moved) return false;
  await announceVersion(ports, environment, { ...version, ...change });
  return true;
}

/** Publishes the event of a published version; once more after a crash, under the same id. */
export async function announceVersion(
  ports: Pick<Ports, "bus" | "clock">,
  environment: EnvironmentRecord,
  version: Pick<VersionRecord, "number" | "title" | "forced">,
): Promise<void> {
  const { id, workspace, name } = environment;
  await ports.bus.publish([
    {
      id: `published-${id}-${version.number}`,
      time: ports.clock.now().toISOString(),
      type: "Environment Published",
      detail: {
        version: 1,
        environment: { id, workspace, name, title: version.title },
        environmentVersion: version.number,
        forced: version.forced !== undefined,
      },
    },
  ]);
}

/** The one write that changes a version's status, with the condition the status table gives. */
export function moveVersion(
  version: VersionRecord,
  to: VersionStatus,
  change: Partial<Pick<VersionRecord, "forced" | "verifications" | "heldBecause" | "findings">>,
): WriteOperation {
  return {
    kind: "update",
    key: tableKey.version(version.environmentId, version.number),
    set: toAttributes({ ...change, status: to }),
    conditions: [{ kind: "oneOf", attribute: "status", values: allowedFrom(versionMoves, to) }],
  };
}

async function storeDocument(ports: KeepPorts, document: VersionDocument): Promise<string> {
  const bytes = new TextEncoder().encode(JSON.stringify(document));
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  await keepContent(ports, { sha256, size: bytes.length, contentType: "application/json" }, () => bytes);
  return sha256;
}

/** The environment of that name, made if there is none. */
async function environmentOf(ports: VersionPorts, input: NewVersion): Promise<EnvironmentRecord> {
  // A trial's name is its own: running a bundle once must not take the name it will be pushed under.
  const nameKey = tableKey.environmentName(input.workspace, input.trial ? `~${input.name}` : input.name);
  const taken = await ports.table.get(nameKey);
  if (taken !== undefined) return loadEnvironment(ports.table, taken["environmentId"] as EnvironmentId);
  const now = ports.clock.now().toISOString();
  const environment: EnvironmentRecord = {
    id: ports.ids.next("env"),
    workspace: input.workspace,
    name: input.name,
    title: input.document.manifest.title,
    description: input.document.manifest.description,
    visibility: "private",
    publishedVersion: null,
    latestVersion: 0,
    createdAt: now,
    updatedAt: now,
    trial: input.trial,
  };
  // A missing number is what "below" accepts; null would not be a number.
  const { publishedVersion: _, ...stored } = environment;
  const item = toItem(tableKey.environment(environment.id), stored, environmentIndexes(environment));
  const made = await writeIf(ports.table, [
    { kind: "put", item: { ...nameKey, environmentId: environment.id }, conditions: [{ kind: "absent" }] },
    { kind: "put", item, conditions: [{ kind: "absent" }] },
  ]);
  // Somebody took the name in between: it is theirs and ours.
  return made ? environment : environmentOf(ports, input);
}

async function tryAdd(
  ports: VersionPorts,
  environment: EnvironmentRecord,
  input: NewVersion,
  document: string,
): Promise<AddedVersion | undefined> {
  const number = environment.latestVersion + 1;
  const now = ports.clock.now().toISOString();
  const { title, description } = input.document.manifest;
  const version: VersionRecord = {
    environmentId: environment.id,
    number,
    status: input.trial ? "unpublished" : "verifying",
    contentHash: input.contentHash,
    title,
    description,
    document,
    findings: [...input.findings],
    verifications: [],
    createdAt: now,
    createdBy: input.createdBy,
    uploadId: input.uploadId,
  };
  const added = await writeIf(ports.table, [
    {
      kind: "update",
      key: tableKey.environment(environment.id),
      set: { latestVersion: number, updatedAt: now },
      conditions: [{ kind: "equals", attribute: "latestVersion", value: number - 1 }],
    },
    {
      kind: "put",
      item: toItem(tableKey.version(environment.id, number), version),
      conditions: [{ kind: "absent" }],
    },
    {
      kind: "put",
      item: { ...tableKey.content(environment.id, input.contentHash), number },
      conditions: [{ kind: "absent" }],
    },
  ]);
  if (!added) return undefined;
  return { environment: { ...environment, latestVersion: number }, version, unchanged: false };
}
