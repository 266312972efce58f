/** A Fargate task on a machine without docker: the same job, its programs in a sandbox in place of containers. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stageVariable } from "@benchgen/core/job/container.ts";
import type { LogSink } from "@benchgen/local/log/log-sink.ts";
import { definitionName } from "@benchgen/local/definition-name.ts";
import { createLauncher } from "@benchgen/local/launcher.ts";
import { httpChannel } from "@benchgen/runner/http-channel.ts";
import type { OnOutput } from "./docker-task.ts";
import type { RunContainers, TaskStop } from "./ecs.ts";

export function inProcessTasks(apiUrl: string, onOutput: OnOutput): RunContainers {
  return async ({ id, definition, environment, signal }) => {
    const token = environment("stage-in")[stageVariable.token] ?? "";
    const workDir = await mkdtemp(join(tmpdir(), "benchgen-task-"));
    const program = (definition.containerDefinitions ?? []).find(
      ({ name = "" }) => !name.startsWith("stage-"),
    );
    const sink: LogSink = {
      write: (_stream, text) => onOutput(id, program?.name ?? "", `${text}\n`),
      close: () => Promise.resolve(),
    };
    const launcher = createLauncher({
      channel: (jobToken) => httpChannel(apiUrl, jobToken),
      workDir,
      logSink: () => sink,
      executor: "auto",
      shareNetwork: false,
      expose: [],
      owner: { id: "task", isAlive: () => true },
      warn: () => undefined,
    });
    try {
      const { jobId, runId, kind, limits, network } = await httpChannel(apiUrl, token).spec();
      const name = definitionName({ version: 1, kind, image: null, limits, network });
      await launcher.run({ jobId, runId, definition: name, token }, signal);
      const stopped = signal.aborted ? (signal.reason as TaskStop) : undefined;
      const usual = {
        stopCode: "EssentialContainerExited",
        stoppedReason: "Essential container in task exited",
      };
      const names = (definition.containerDefinitions ?? []).map(({ name = "" }) => name);
      return { ...(stopped ?? usual), containers: names.map((each) => ({ name: each, exitCode: 0 })) };
    } finally {
      await launcher.close();
      await rm(workDir, { recursive: true, force: true });
    }
  };
}
