/** The report of a run: made once, when its tasks are over, and read as often as anyone likes. */
import * as z from "zod";
import { scanSummaries } from "../case/scan.ts";
import type { TaskCases } from "../case/list.ts";
import type { Ports } from "../ports.ts";
import { findingSchema } from "../wire/finding.ts";
import type { RunId } from "../wire/id.ts";
import { blobKey } from "../wire/key.ts";
import { type RunFailures, type RunReport, runFailuresSchema, runReportSchema } from "../wire/report.ts";
import { FailureGroups } from "./group.ts";
import { CaseTally } from "./tally.ts";

/** Findings of a task that the report lists. */
const maxFindings = 20;
/** A report has a size that does not grow with its cases; this is far above it. */
const maxReportBytes = 16 * 1024 * 1024;

export interface ReportInput {
  readonly runId: RunId;
  readonly name: string;
  readonly environment: string;
  readonly environmentVersion: number;
  /** Those that reported cases, in order. */
  readonly tasks: readonly (TaskCases & { readonly name: string })[];
}

/** Reads the summaries of all cases once, and stores what they come to. Repeating it stores the same. */
export async function storeReport(ports: Pick<Ports, "blobs">, input: ReportInput): Promise<RunReport> {
  const { report, failures } = await tallyRun(ports, input);
  await put(ports, blobKey.report(input.runId), report);
  await put(ports, blobKey.failures(input.runId), failures);
  return report;
}

/** @param seed for bootstrap intervals of means, in place of Student's */
export async function tallyRun(
  ports: Pick<Ports, "blobs">,
  { tasks, ...run }: ReportInput,
  seed?: number,
): Promise<{ readonly report: RunReport; readonly failures: RunFailures }> {
  const overall = new CaseTally(seed);
  const groups = new FailureGroups();
  const reports: RunReport["tasks"] = [];
  const problems: RunReport["problems"] = [];
  for (const { index, name, directory } of tasks) {
    const tally = new CaseTally(seed);
    const key = blobKey.cases(run.runId, index, "summary.jsonl");
    const range = { start: 0, end: directory.bytes, expected: directory.bytes };
    for await (const { case: stored } of scanSummaries(ports.blobs, key, range)) {
      tally.add(index, stored);
      if (tasks.length > 1) overall.add(index, stored);
      groups.add(index, stored);
    }
    reports.push({ index, name, report: await tally.result() });
    const { lost, findings: total } = directory.problems;
    if (total > 0) {
      problems.push({ task: index, lost, total, findings: await readFindings(ports, run.runId, index) });
    }
  }
  const [only] = reports;
  const report: RunReport = {
    version: 1,
    ...run,
    ...(only && { overall: reports.length === 1 ? only.report : await overall.result() }),
    tasks: reports,
    problems,
  };
  const failures: RunFailures = { version: 1, runId: run.runId, ...groups.result() };
  return { report, failures };
}

/** Undefined until the run's tasks are over. */
export function loadReport(ports: Pick<Ports, "blobs">, runId: RunId): Promise<RunReport | undefined> {
  return load(ports, blobKey.report(runId), runReportSchema);
}

export function loadFailures(ports: Pick<Ports, "blobs">, runId: RunId): Promise<RunFailures | undefined> {
  return load(ports, blobKey.failures(runId), runFailuresSchema);
}

async function readFindings({ blobs }: Pick<Ports, "blobs">, runId: RunId, task: number) {
  const bytes = await blobs.get(blobKey.cases(runId, task, "problems.json"), { maxBytes: maxReportBytes });
  const findings: unknown = JSON.parse(Buffer.from(bytes ?? "[]").toString());
  return z.array(findingSchema).parse(findings).slice(0, maxFindings);
}

async function put({ blobs }: Pick<Ports, "blobs">, key: string, value: object): Promise<void> {
  await blobs.put(key, Buffer.from(JSON.stringify(value)), { contentType: "application/json" });
}

async function load<T>(
  { blobs }: Pick<Ports, "blobs">,
  key: string,
  schema: z.ZodType<T>,
): Promise<T | undefined> {
  const bytes = await blobs.get(key, { maxBytes: maxReportBytes });
  return bytes === undefined ? undefined : schema.parse(JSON.parse(Buffer.from(bytes).toString()));
}
