/** What a client does with an upload that is sent in parts: sign some, see which have arrived, put them together. */
import { type Principal, requireScope } from "../access/principal.ts";
import { Conflict, NotFound } from "../error.ts";
import type { PartUpload, Ports } from "../ports.ts";
import { tableKey } from "../record/key.ts";
import type { ArrivedParts, SignParts, SignedParts, Upload } from "../wire/api.ts";
import type { UploadId } from "../wire/id.ts";
import { blobKey } from "../wire/key.ts";
import { scopeFor, signedSeconds } from "./create.ts";
import { type PartPlan, assertAllParts, assertPart, partRange } from "./part-plan.ts";
import { loadOwnUpload } from "./read.ts";
import { type UploadRecord, loadUpload, viewUpload } from "./record.ts";

type PartPorts = Pick<Ports, "table" | "blobs" | "clock">;

/**
 * Signs the PUTs of some parts. Signing one again is no error: the part that arrives last counts.
 * @throws NotFound when the upload is someone else's
 * @throws Conflict `upload_not_in_parts`, `upload_complete`, `upload_expired`
 * @throws InvalidInput `part_number_invalid`, `part_size_invalid`
 */
export async function signParts(
  ports: PartPorts,
  principal: Principal,
  id: UploadId,
  { parts }: SignParts,
): Promise<SignedParts> {
  const { record, plan, partUpload } = await loadInParts(ports, principal, id);
  if (isAssembled(record)) {
    throw new Conflict("upload_complete", "This upload is complete: it takes no more parts.", {
      hint: `See what became of it: GET /uploads/${id}`,
    });
  }
  for (const part of parts) assertPart(record.size, plan, part);
  const expiresInSeconds = signedSeconds(ports.clock.now(), record.usableUntil);
  const items = parts.map(async (part) => ({
    number: part.number,
    put: await ports.blobs.signPart(partUpload, { ...part, expiresInSeconds }),
  }));
  return { items: await Promise.all(items) };
}

/**
 * The parts that have arrived: all of them once the upload is complete.
 * @throws NotFound when the upload is someone else's; Conflict `upload_not_in_parts`, `upload_expired`
 */
export async function listArrivedParts(
  ports: PartPorts,
  principal: Principal,
  id: UploadId,
): Promise<ArrivedParts> {
  const { record, plan, partUpload } = await loadInParts(ports, principal, id);
  if (isAssembled(record)) return { items: everyPart(record, plan) };
  try {
    const parts = await ports.blobs.listParts(partUpload);
    return { items: parts.map(({ tag: _tag, ...part }) => part) };
  } catch (error) {
    await requireAssembled(ports, id, error);
    return { items: everyPart(record, plan) };
  }
}

/**
 * Puts the parts together, which sends the upload on its way as one PUT would. Once it is complete, this does nothing:
 * a client that lost the answer asks again.
 * @throws NotFound when the upload is someone else's
 * @throws Conflict `parts_missing`, `upload_not_in_parts`, `upload_expired`
 * @throws InvalidInput `parts_invalid` when a part is replaced at the same moment
 */
export async function completeUpload(ports: PartPorts, principal: Principal, id: UploadId): Promise<Upload> {
  const { record, plan, partUpload } = await loadInParts(ports, principal, id);
  if (isAssembled(record)) return viewUpload(record);
  try {
    const arrived = await ports.blobs.listParts(partUpload);
    assertAllParts(record.size, plan, arrived);
    await ports.blobs.completeParts(partUpload, arrived);
  } catch (error) {
    await requireAssembled(ports, id, error);
  }
  await ports.table.write([
    {
      kind: "update",
      key: tableKey.upload(id),
      set: { assembledAt: ports.clock.now().toISOString() },
      conditions: [{ kind: "exists" }],
    },
  ]);
  return viewUpload(await loadUpload(ports.table, id));
}

interface InParts {
  readonly record: UploadRecord;
  readonly plan: PartPlan;
  readonly partUpload: PartUpload;
}

/** The principal's own upload, which is in parts and can still be used. */
async function loadInParts(ports: PartPorts, principal: Principal, id: UploadId): Promise<InParts> {
  const record = await loadOwnUpload(ports, principal, id);
  requireScope(principal, scopeFor(record.kind));
  const { parts: plan, partUploadId } = record;
  if (plan === undefined || partUploadId === undefined) {
    throw new Conflict("upload_not_in_parts", "This upload is sent in one PUT, not in parts.", {
      hint: "Send it to the URL that POST /uploads gave.",
    });
  }
  const late = record.status === "waiting" && record.usableUntil <= ports.clock.now().toISOString();
  if (record.status === "expired" || late) {
    throw new Conflict("upload_expired", "This upload has expired, and its parts are gone.", {
      hint: "Begin a new one: POST /uploads",
    });
  }
  return { record, plan, partUpload: { key: blobKey.upload(id), id: partUploadId } };
}

function isAssembled({ status, assembledAt }: UploadRecord): boolean {
  return status !== "waiting" || assembledAt !== undefined;
}

/**
 * The store knows parts no more once someone put them together: this request sent twice, or one that crashed before it
 * said so.
 * @throws the error when it means anything else
 */
async function requireAssembled(ports: PartPorts, id: UploadId, error: unknown): Promise<void> {
  if (!(error instanceof NotFound)) throw error;
  if ((await ports.blobs.head(blobKey.upload(id))) !== undefined) return;
  if (isAssembled(await loadUpload(ports.table, id))) return;
  throw error;
}

function everyPart({ size }: UploadRecord, plan: PartPlan): ArrivedParts["items"] {
  return Array.from({ length: plan.count }, (_, index) => {
    const { start, end } = partRange(size, plan, index + 1);
    return { number: index + 1, size: end - start };
  });
}
