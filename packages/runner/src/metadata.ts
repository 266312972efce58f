import type { JobSpec } from "@benchgen/core/wire/job.ts";
import type { StageExit } from "./exit.ts";

/**
 * The YAML file `metadata` beside a job's outputs, which real scorers read from `/app/input/res`. Source: bundle contract
 * §4. Upstream gives an ingestion's time as `elapsedTime` too, as long as nothing was scored yet.
 * @param earlier how the task's ingestion job ended, in a scoring job
 */
export function outputMetadata(exits: readonly StageExit[], earlier: JobSpec["ingestion"]): string {
  const scoring = exits.find((exit) => exit.name === "scoring");
  const ingestion = exits.find((exit) => exit.name === "ingestion") ?? earlier;
  const values = {
    exitCode: (scoring ?? ingestion)?.exitCode,
    elapsedTime: (scoring ?? ingestion)?.elapsedSeconds,
    ingestionExitCode: ingestion?.exitCode,
    ingestionElapsedTime: ingestion?.elapsedSeconds,
  };
  return Object.entries(values)
    .map(([name, value]) => `${name}: ${value ?? "null"}\n`)
    .join("");
}
