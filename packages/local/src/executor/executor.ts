/** Running a job's programs on this machine: one interface, several ways. */
import type { JobSpec, ProgramName } from "@benchgen/core/wire/job.ts";
import type { StageExit } from "@benchgen/runner/exit.ts";

export const executorNames = ["docker", "bubblewrap", "namespaces"] as const;
export type ExecutorName = (typeof executorNames)[number];

/** Whether an executor can run programs here, found out by running one. */
export interface Availability {
  readonly available: boolean;
  /** Why not. */
  readonly reason?: string;
  /** What to type. */
  readonly hint?: string;
  readonly version?: string;
}

export interface Execution {
  readonly spec: JobSpec;
  /** The environment's image; only docker uses it. */
  readonly image: string | null;
  /** The job's volumes, filled by stage-in: directories by their names. */
  readonly root: string;
  /** The gateway's socket on this machine, for a job whose network is `gateway`. */
  readonly gatewaySocket?: string;
}

export interface ExecutionHooks {
  /** Ends every process of the job. */
  readonly signal: AbortSignal;
  /** Called in order for each stream of each program, as output arrives; the program waits for it. */
  readonly onOutput: (program: ProgramName, stream: "stdout" | "stderr", chunk: Uint8Array) => void;
}

export interface Executor {
  readonly name: ExecutorName;
  probe(): Promise<Availability>;
  /**
   * Runs the job's programs, all at once, to their ends. Their output is kept in the report volumes. When it resolves,
   * none of their processes is alive. A limit that was breached, or a program that could not be started, is an exit
   * with its cause.
   * @throws the signal's reason when it was aborted; PlatformFault when the executor itself failed
   */
  run(execution: Execution, hooks: ExecutionHooks): Promise<StageExit[]>;
}
