/** Stage-in and stage-out of one job on one machine: in containers of their own, or in this process. */
import { PlatformFault } from "@benchgen/core/error.ts";
import { beginJob, isOver } from "@benchgen/runner/begin.ts";
import type { JobChannel } from "@benchgen/runner/channel.ts";
import { writeEnding } from "@benchgen/runner/ending.ts";
import { tail } from "@benchgen/runner/exit.ts";
import { type Ending, stageOut } from "@benchgen/runner/stage-out.ts";
import type { DockerExecutor, Stage } from "./docker.ts";
import type { Execution } from "./executor.ts";

export interface Stages {
  /** False when the job is over: its inputs cannot be used, or it was reported before. */
  in(execution: Execution, head: Omit<Ending, "exits">): Promise<boolean>;
  out(execution: Execution, ending: Ending): Promise<void>;
}

export interface StagesOptions {
  /** Where containers reach the API on this machine, if they can. */
  readonly apiUrl: (() => Promise<string>) | undefined;
  /** Where docker runs the job. */
  readonly docker: Pick<DockerExecutor, "stage"> | undefined;
  readonly channel: JobChannel;
  readonly token: string;
  /** The job's scratch directory. */
  readonly root: string;
  readonly signal: AbortSignal;
}

/** In containers with docker, where they can reach the API; in this process otherwise. */
export async function stagesFor(options: StagesOptions): Promise<Stages> {
  const { apiUrl, docker, channel, token, root, signal } = options;
  // Elsewhere containers live in a virtual machine, with a loopback and a Node of its own.
  if (docker === undefined || apiUrl === undefined || process.platform !== "linux") {
    return {
      in: (_execution, head) => beginJob(channel, root, { ...head, host: { shared: false } }),
      out: async (_execution, ending) => void (await stageOut(channel, root, ending)),
    };
  }
  const url = await apiUrl();
  const run = async (name: Stage["name"], execution: Execution): Promise<void> => {
    const { code, stderr } = await docker.stage({ name, execution, apiUrl: url, token, signal });
    signal.throwIfAborted();
    if (code !== 0) throw new PlatformFault("stage_failed", `The container ${name} failed: ${tail(stderr)}`);
  };
  return {
    async in(execution) {
      await run("stage-in", execution);
      return !(await isOver(root));
    },
    async out(execution, ending) {
      await writeEnding(root, ending);
      await run("stage-out", execution);
    },
  };
}
