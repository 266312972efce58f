/**
 * What a model was asked about failed cases, and what it said. Verdicts are kept beside the cases, which stay as the
 * programs and the rules left them: whoever reads a case or a group puts its verdict over it.
 */
import { createHash } from "node:crypto";
import * as z from "zod";
import type { CaseFilter } from "../case/directory.ts";
import type { StoredCase } from "../case/stored.ts";
import { signatureOf } from "../case/signature.ts";
import { everyItem } from "../page.ts";
import type { Ports } from "../ports.ts";
import { partition, tableKey } from "../record/key.ts";
import { readRecord } from "../record/record.ts";
import {
  type CaseFailure,
  type CaseReference,
  caseFailureSchema,
  caseReferenceSchema,
} from "../wire/case.ts";
import type { RunId } from "../wire/id.ts";
import { judgedCategories } from "../wire/judge.ts";

/** Of one run: every list of its cases reads them all. */
export const maxVerdicts = 2000;

export const verdictSchema = caseReferenceSchema.extend({
  /** The model's name in its workspace. */
  judge: z.string(),
  /** Absent: its answer could not be read. It is noted so that the same judge is not paid twice for it. */
  category: z.enum(judgedCategories).optional(),
  /** Its one sentence. Untrusted. */
  explanation: z.string(),
  /** What the rule had said. */
  before: caseFailureSchema,
});
export type Verdict = z.infer<typeof verdictSchema>;

/** A run's verdicts, by their cases. */
export type Verdicts = ReadonlyMap<string, Verdict>;
export const noVerdicts: Verdicts = new Map();

/** The same for the same case; safe in a key, whatever its id holds. */
export function verdictKey({ task, id, epoch }: CaseReference): string {
  return createHash("sha256").update(`${task}\n${epoch}\n${id}`).digest("hex");
}

export async function loadVerdicts(ports: Pick<Ports, "table">, runId: RunId): Promise<Verdicts> {
  const verdicts = new Map<string, Verdict>();
  const query = { ...partition.verdicts(runId), limit: 1000 };
  for await (const item of everyItem((from) => ports.table.query({ ...query, ...from }))) {
    const verdict = verdictSchema.parse(item);
    verdicts.set(verdictKey(verdict), verdict);
  }
  return verdicts;
}

/** The verdict on one case. */
export async function loadVerdict(
  ports: Pick<Ports, "table">,
  runId: RunId,
  reference: CaseReference,
): Promise<Verdict | undefined> {
  return readRecord(ports.table, tableKey.verdict(runId, verdictKey(reference)), verdictSchema);
}

/** The failure as it is shown: a judge's word stands over a rule's, and never over the program's own. Pure. */
export function judgedFailure(
  failure: CaseFailure | undefined,
  verdict: Verdict | undefined,
): CaseFailure | undefined {
  if (failure?.source !== "rule" || verdict?.category === undefined) return failure;
  const { category, judge, explanation } = verdict;
  // A model's word is no proof.
  const signature = signatureOf(explanation);
  return { category, source: "judge", confidence: "low", signature, judge, explanation };
}

/** A stored case with its verdict, if it has one. Pure. */
export function withVerdict(verdicts: Verdicts, task: number, stored: StoredCase): StoredCase {
  if (verdicts.size === 0 || stored.failure?.source !== "rule") return stored;
  const verdict = verdicts.get(verdictKey({ task, id: stored.id, epoch: stored.epoch }));
  const failure = judgedFailure(stored.failure, verdict);
  return failure === undefined ? stored : { ...stored, failure };
}

/**
 * What to list where the cases that match are looked for: a list of one category holds those a rule put there, and a
 * judge may have moved others into it. Only failed ones. Pure.
 */
export function listedFilter({ outcome, category }: CaseFilter, verdicts: Verdicts): CaseFilter {
  const hasMoved = [...verdicts.values()].some((verdict) => verdict.category === category);
  return category !== undefined && hasMoved ? { outcome: outcome ?? "failed" } : { outcome, category };
}

/** Whether a judge may speak about the case: a rule called it merely incorrect, or was not sure. Pure. */
export function isJudgeable({ outcome, failure }: Pick<StoredCase, "outcome" | "failure">): boolean {
  if (outcome.status !== "failed" || failure?.source !== "rule") return false;
  return failure.category === "incorrect" || failure.confidence === "low";
}
