/** The first step after an upload's bytes have arrived ("object created"): is it good? Idempotent; events come twice. */
import { blobSource } from "../bundle/byte-source.ts";
import { findingOf } from "../bundle/finding-list.ts";
import { readBundle } from "../bundle/read.ts";
import { type ZipArchive, openZip } from "../bundle/zip-archive.ts";
import type { ZipLimits } from "../bundle/zip-limit.ts";
import { zipTree } from "../bundle/tree.ts";
import { keepCopy } from "../content/keep.ts";
import { InvalidInput } from "../error.ts";
import type { Ports } from "../ports.ts";
import { inspectSubmission } from "../submission/inspect.ts";
import type { Finding } from "../wire/finding.ts";
import type { UploadId } from "../wire/id.ts";
import { blobKey } from "../wire/key.ts";
import { isTerminal, uploadMoves } from "../wire/status.ts";
import { hasCheckedBundle, keepCheckedBundle } from "./checked.ts";
import { concludeUpload, endUpload, moveUpload, rejectUpload } from "./end.ts";
import { type UploadRecord, loadUpload } from "./record.ts";
import { verifyContent } from "./verify.ts";

type CheckPorts = Pick<Ports, "table" | "blobs" | "bus" | "clock">;

/** What a deployment can check, whose functions have a time limit. */
export interface CheckLimits {
  /** Of the zip. Default: `defaultZipLimits`. */
  readonly zip?: Partial<ZipLimits>;
  /** A check that was cut off so often will be again: the upload is rejected. Default: it is begun again for ever. */
  readonly checks?: number;
}

/**
 * Validates an upload. A bad one ends rejected, with findings; a good submission ends accepted, its content where a
 * submission can name it; a good bundle is announced as validated, for `publishUpload` to go on with.
 * @returns whether there is something to publish
 * @throws NotFound when there is no such upload
 * @throws PlatformFault when the stores fail: the upload stays `checking`, and calling again continues
 */
export async function checkUpload(
  ports: CheckPorts,
  id: UploadId,
  limits: CheckLimits = {},
): Promise<boolean> {
  const upload = await loadUpload(ports.table, id);
  if (isTerminal(uploadMoves, upload.status)) {
    await concludeUpload(ports, upload);
    return false;
  }
  const checkingAt = ports.clock.now().toISOString();
  const checks = upload.checks + 1;
  if (!(await moveUpload(ports, upload, "checking", { checkingAt, checks }))) return false;
  if (checks > (limits.checks ?? Number.POSITIVE_INFINITY)) {
    await rejectUpload(ports, upload, [givenUp(upload.checks)]);
    return false;
  }
  try {
    if (upload.kind === "bundle" && (await hasCheckedBundle(ports, upload)))
      return await announce(ports, upload);
    await verifyContent(ports, upload);
    const archive = await openZip(await blobSource(ports.blobs, blobKey.upload(id)), limits.zip);
    return upload.kind === "bundle"
      ? await checkBundle(ports, upload, archive)
      : await receiveSubmission(ports, upload, archive);
  } catch (error) {
    if (error instanceof InvalidInput) {
      await rejectUpload(ports, upload, [findingOf(error)]);
      return false;
    }
    // Another delivery of the same event was faster, and the bytes are gone.
    const now = await loadUpload(ports.table, id);
    if (!isTerminal(uploadMoves, now.status)) throw error;
    return false;
  }
}

async function checkBundle(ports: CheckPorts, upload: UploadRecord, archive: ZipArchive): Promise<boolean> {
  const { findings, manifest, programs } = await readBundle(zipTree(archive, upload.filename));
  if (manifest === undefined) {
    await rejectUpload(ports, upload, findings);
    return false;
  }
  await keepCheckedBundle(ports, upload, { findings, manifest, programs });
  return announce(ports, upload);
}

async function announce(ports: CheckPorts, upload: UploadRecord): Promise<true> {
  await ports.bus.publish([
    {
      id: `validated-${upload.id}`,
      time: ports.clock.now().toISOString(),
      type: "Upload Validated",
      detail: { version: 1, uploadId: upload.id, workspace: upload.workspace },
    },
  ]);
  return true;
}

async function receiveSubmission(
  ports: CheckPorts,
  upload: UploadRecord,
  archive: ZipArchive,
): Promise<false> {
  const { findings, holdsCode } = inspectSubmission(archive, upload.filename);
  if (findings.some((finding) => finding.level === "error")) {
    await rejectUpload(ports, upload, findings);
    return false;
  }
  await keepCopy(ports, upload.sha256, blobKey.upload(upload.id));
  await endUpload(ports, upload, "accepted", { findings, holdsCode });
  return false;
}

function givenUp(checks: number): Finding {
  return {
    level: "error",
    code: "upload.check_given_up",
    message: `It was checked ${checks} times, and every check was cut off: it took too long, or the platform failed.`,
    hint: "Send it again later. If it is large, send less at once.",
  };
}
