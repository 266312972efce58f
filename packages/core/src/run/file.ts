/** The files a run left, as signed downloads. */
import type { Principal } from "../access/principal.ts";
import type { Ports } from "../ports.ts";
import type { RunFile } from "../wire/api.ts";
import type { RunId } from "../wire/id.ts";
import { jobFiles } from "../wire/job.ts";
import { blobKey } from "../wire/key.ts";
import { areCasesHidden } from "./case.ts";
import { loadOwnRun, seesHidden } from "./read.ts";
import { type RunRecord, loadJobs, loadTasks } from "./record.ts";

const urlSeconds = 3600;

interface Candidate {
  readonly task: number;
  readonly job: string;
  readonly name: string;
  readonly key: string;
  readonly hidden: boolean;
}

/** Every file of the run that is there and that its phase does not hide from the principal. */
export async function listRunFiles(
  ports: Pick<Ports, "table" | "blobs">,
  principal: Principal,
  runId: RunId,
): Promise<RunFile[]> {
  const run = await loadOwnRun(ports, principal, runId);
  const open = seesHidden(principal, run);
  const shown = (await candidates(ports, run)).filter(({ hidden }) => open || !hidden);
  const files = await Promise.all(
    shown.map(async ({ task, job, name, key }): Promise<RunFile[]> => {
      const head = await ports.blobs.head(key);
      if (head === undefined) return [];
      const filename = `${run.id}-task${task}-${job}-${name}`;
      const url = await ports.blobs.signDownload(key, { expiresInSeconds: urlSeconds, filename });
      return [{ task, job, name, size: head.size, url }];
    }),
  );
  return files.flat();
}

async function candidates(ports: Pick<Ports, "table">, run: RunRecord): Promise<Candidate[]> {
  const jobs = await loadJobs(ports.table, run.id);
  const withCases = new Set(
    (await loadTasks(ports.table, run.id)).flatMap(({ index, cases }) =>
      cases === undefined ? [] : [index],
    ),
  );
  const ofJobs = jobs.flatMap(({ taskIndex: task, kind }) =>
    jobFiles.map((name) => ({
      task,
      job: kind,
      name,
      key: blobKey.jobFile(run.id, task, kind, name),
      hidden: name === "output.zip" ? isOutputHidden(run, kind, withCases.has(task)) : run.hidden.output,
    })),
  );
  const ofTasks = run.taskList.flatMap(({ index: task }) => [
    {
      task,
      job: "scoring",
      name: "detailed_results.html",
      key: blobKey.detailedResults(run.id, task),
      hidden: run.hidden.scoring,
    },
    {
      task,
      job: "scoring",
      name: "results.jsonl",
      key: blobKey.results(run.id, task),
      hidden: areCasesHidden(run),
    },
  ]);
  return [...ofJobs, ...ofTasks];
}

/** What both programs of a concurrent job write lies in one directory, and cases quote predictions: either wish hides it. */
function isOutputHidden(run: RunRecord, kind: string, withCases: boolean): boolean {
  if (kind === "ingestion") return run.hidden.predictions;
  if (kind === "scoring" && !withCases) return run.hidden.scoring;
  return run.hidden.predictions || run.hidden.scoring;
}
