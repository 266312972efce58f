/**
 * A version's solutions are run through the real pipeline before it is published; one whose solution fails is held
 * back and says why. Source: bundle contract §8.
 */
import { participantOf } from "../access/principal.ts";
import { blobSource } from "../bundle/byte-source.ts";
import { bundlePath } from "../bundle/file-map.ts";
import type { Manifest, Solution, StoredFile } from "../bundle/manifest.ts";
import { openZip } from "../bundle/zip-archive.ts";
import type { Ports } from "../ports.ts";
import { tableKey } from "../record/key.ts";
import { toItem } from "../record/record.ts";
import { writeIf } from "../record/write.ts";
import { createRun } from "../run/create.ts";
import { kindOf, tasksOf } from "../run/start.ts";
import { inspectSubmission } from "../submission/inspect.ts";
import type { SubmissionRecord } from "../submission/record.ts";
import type { SubmissionKind } from "../wire/api.ts";
import { blobKey } from "../wire/key.ts";
import { publishVersion } from "./publish.ts";
import {
  type EnvironmentRecord,
  type VersionDocument,
  type VersionRecord,
  loadDocument,
  loadVersion,
} from "./record.ts";

type VerifyPorts = Pick<Ports, "table" | "blobs" | "workflow" | "bus" | "clock" | "ids">;

/** Starts a run per solution, or publishes at once when there is none. Safe to repeat. */
export async function verifyVersion(
  ports: VerifyPorts,
  environment: EnvironmentRecord,
  version: VersionRecord,
): Promise<void> {
  const document = await loadDocument(ports.blobs, version);
  const { manifest, files } = document;
  if (manifest.solutions.length === 0) {
    await publishVersion(ports, environment, version, {});
    return;
  }
  const planned = await planVerifications(ports, version, manifest);
  for (const verification of planned.verifications) {
    const solution = manifest.solutions.find(({ index }) => index === verification.solution);
    const stored = solution && bundlePath(files, solution.path);
    // Both come of the one document: this is damage, not input.
    if (solution === undefined || stored === undefined) {
      throw new Error(`the version does not hold its solution ${verification.solution}`);
    }
    await startVerification(ports, environment, version, document, { solution, stored, verification });
  }
}

/** The ids are written first, so that a repeat starts the same runs and not more of them. */
async function planVerifications(
  ports: VerifyPorts,
  version: VersionRecord,
  manifest: Manifest,
): Promise<VersionRecord> {
  if (version.verifications.length > 0) return version;
  const verifications = manifest.solutions.map((solution) => ({
    solution: solution.index,
    phase: phaseOf(manifest, solution).index,
    runId: ports.ids.next("run"),
    status: "queued" as const,
  }));
  // Should the write fail, another delivery has planned them.
  await writeIf(ports.table, [
    {
      kind: "update",
      key: tableKey.version(version.environmentId, version.number),
      set: { verifications, verificationPlanned: true },
      conditions: [{ kind: "missing", attribute: "verificationPlanned" }],
    },
  ]);
  return loadVersion(ports.table, version.environmentId, version.number);
}

async function startVerification(
  ports: VerifyPorts,
  environment: EnvironmentRecord,
  version: VersionRecord,
  { manifest, files }: VersionDocument,
  {
    solution,
    stored,
    verification,
  }: { solution: Solution; stored: StoredFile; verification: VersionRecord["verifications"][number] },
): Promise<void> {
  const archive = await openZip(await blobSource(ports.blobs, blobKey.content(stored.sha256)));
  const { holdsCode } = inspectSubmission(archive, solution.path);
  const submission: SubmissionRecord = {
    id: `sub_${verification.runId.slice("run_".length)}`,
    workspace: environment.workspace,
    participant: version.createdBy,
    filename: solution.path,
    size: stored.size,
    sha256: stored.sha256,
    holdsCode,
    createdAt: ports.clock.now().toISOString(),
  };
  await ports.table.write([{ kind: "put", item: toItem(tableKey.submission(submission.id), submission) }]);
  await createRun(ports, {
    id: verification.runId,
    environment,
    version: version.number,
    phase: phaseOf(manifest, solution),
    tasks: tasksOf(manifest, solution.tasks),
    submission,
    participant: version.createdBy,
    participantKey: participantOf({ workspace: environment.workspace, name: version.createdBy }),
    as: await solutionKind(ports, { manifest, files }, solution, holdsCode),
    name: solution.name ?? `solution ${solution.index}`,
    purpose: "verification",
  });
}

/**
 * What a solution is taken for. One that holds no code may be ready predictions, as public bundles ship them, or a data
 * set; it is a data set where the code to be run on it is the task's input data.
 */
async function solutionKind(
  ports: Pick<Ports, "blobs">,
  { manifest, files }: Pick<VersionDocument, "manifest" | "files">,
  solution: Solution,
  holdsCode: boolean,
): Promise<SubmissionKind> {
  const kind = kindOf(manifest, solution.tasks, undefined);
  if (kind === "predictions" || holdsCode) return kind;
  for (const task of manifest.tasks.filter(({ index }) => solution.tasks.includes(index))) {
    const stored = task.inputData === undefined ? undefined : bundlePath(files, task.inputData);
    if (stored !== undefined && (await holdsAnyCode(ports, stored, task.inputData ?? ""))) return "dataset";
  }
  return "predictions";
}

async function holdsAnyCode(ports: Pick<Ports, "blobs">, stored: StoredFile, path: string): Promise<boolean> {
  if (stored.kind === "file" && !/\.zip$/i.test(path)) return false;
  const archive = await openZip(await blobSource(ports.blobs, blobKey.content(stored.sha256)));
  return inspectSubmission(archive, path).holdsCode;
}

function phaseOf(manifest: Manifest, solution: Solution): Manifest["phases"][number] {
  const phase =
    manifest.phases.find(({ tasks }) => solution.tasks.some((index) => tasks.includes(index))) ??
    manifest.phases[0];
  if (phase === undefined) throw new Error("a checked manifest has a phase");
  return phase;
}
