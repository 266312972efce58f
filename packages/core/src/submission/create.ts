import { type Principal, isMakerOf, requireScope } from "../access/principal.ts";
import { Conflict, InvalidInput, NotFound } from "../error.ts";
import type { Ports } from "../ports.ts";
import { tableKey } from "../record/key.ts";
import { toItem } from "../record/record.ts";
import { loadOwnUpload } from "../upload/read.ts";
import { type Submission, submissionSchema } from "../wire/api.ts";
import type { SubmissionId, UploadId } from "../wire/id.ts";
import { type SubmissionRecord, loadSubmission } from "./record.ts";

/**
 * Makes an accepted upload a submission. The same upload may become several.
 * @throws Conflict `upload_not_ready` before it is checked; `upload_expired`
 * @throws InvalidInput `upload_rejected` with its findings
 */
export async function createSubmission(
  ports: Pick<Ports, "table" | "clock" | "ids">,
  principal: Principal,
  input: { uploadId: UploadId },
): Promise<Submission> {
  requireScope(principal, "submit");
  const upload = await loadOwnUpload(ports, principal, input.uploadId);
  if (upload.kind !== "submission") {
    throw new InvalidInput(
      "upload_is_a_bundle",
      `Upload ${upload.id} is an environment's bundle, not a submission.`,
      {
        hint: 'Announce the upload with "kind": "submission".',
      },
    );
  }
  if (upload.status === "rejected") {
    throw new InvalidInput("upload_rejected", `${upload.filename} cannot be used as a submission.`, {
      details: { findings: upload.findings },
    });
  }
  if (upload.status === "expired" || upload.usableUntil <= ports.clock.now().toISOString()) {
    throw new Conflict("upload_expired", `Upload ${upload.id} can no longer be used.`, {
      hint: "Send the file again: POST /uploads",
    });
  }
  if (upload.status !== "accepted") {
    throw new Conflict("upload_not_ready", `Upload ${upload.id} is ${upload.status}.`, {
      hint: `Ask GET /uploads/${upload.id} until its status is "accepted".`,
    });
  }
  const record: SubmissionRecord = {
    id: ports.ids.next("sub"),
    workspace: principal.workspace,
    participant: principal.name,
    filename: upload.filename,
    size: upload.size,
    sha256: upload.sha256,
    holdsCode: upload.holdsCode ?? true,
    createdAt: ports.clock.now().toISOString(),
  };
  const item = toItem(tableKey.submission(record.id), record);
  await ports.table.write([{ kind: "put", item, conditions: [{ kind: "absent" }] }]);
  return submissionSchema.parse(record);
}

/** @throws NotFound also when it is another participant's */
export async function getSubmission(
  ports: Pick<Ports, "table">,
  principal: Principal,
  id: SubmissionId,
): Promise<Submission> {
  return submissionSchema.parse(await loadOwnSubmission(ports, principal, id));
}

/** The stored submission, when it is the principal's own (or they administer its workspace). @throws NotFound */
export async function loadOwnSubmission(
  ports: Pick<Ports, "table">,
  principal: Principal,
  id: SubmissionId,
): Promise<SubmissionRecord> {
  const record = await loadSubmission(ports.table, id);
  const { workspace, participant: by } = record;
  if (!isMakerOf(principal, { workspace, by })) throw new NotFound("submission", id);
  return record;
}
