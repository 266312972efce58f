import type { EnvironmentVersion, Run } from "@benchgen/core/wire/api.ts";
import type { Context } from "../context.ts";
import { poll } from "../poll.ts";
import { type RunView, followRun } from "./follow.ts";

export interface VerificationWatch {
  /** A solution's run was found. */
  begun(solution: number): void;
  /** It is over. */
  ended?(run: Run): void;
  readonly view?: RunView;
}

/** Whether a task of a version has an ingestion program, by its index. */
export function ingestionOf(version: EnvironmentVersion): (taskIndex: number) => boolean {
  const ingesting = new Set(version.tasks.filter((task) => task.ingestion).map((task) => task.index));
  return (index) => ingesting.has(index);
}

/** Follows the runs of a version's solutions until it is published or held back. */
export async function followVerification(
  context: Context,
  first: EnvironmentVersion,
  watch: VerificationWatch,
): Promise<EnvironmentVersion> {
  const client = await context.client();
  const followed = new Set<string>();
  const options = { ingests: ingestionOf(first), ...(watch.view === undefined ? {} : { view: watch.view }) };
  return await poll(
    context,
    async () => {
      const version = await client.getVersion(first.environmentId, first.number);
      for (const { runId, solution } of version.status === "verifying" ? version.verifications : []) {
        if (followed.has(runId)) continue;
        followed.add(runId);
        watch.begun(solution);
        watch.ended?.(await followRun(context, runId, options));
      }
      return version;
    },
    (version) => version.status !== "verifying",
  );
}
