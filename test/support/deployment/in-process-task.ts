/** A Fargate task on a machine without docker: the same job, its programs in a sandbox in place of containers. */
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream";
import { stageVariable } from "@benchgen/core/job/container.ts";
import { localGatewayUrl } from "@benchgen/core/job/layout.ts";
import type { JobProgram, JobSpec } from "@benchgen/core/wire/job.ts";
import type { LogSink } from "@benchgen/local/log/log-sink.ts";
import { definitionName } from "@benchgen/local/definition-name.ts";
import { createLauncher } from "@benchgen/local/launcher.ts";
import type { JobChannel } from "@benchgen/runner/channel.ts";
import { httpChannel } from "@benchgen/runner/http-channel.ts";
import type { OnOutput } from "./docker-task.ts";
import type { RunContainers, TaskStop } from "./ecs.ts";

export interface InProcessOptions {
  readonly apiUrl: string;
  readonly gatewayUrl: string;
  readonly onOutput: OnOutput;
}

export function inProcessTasks({ apiUrl, gatewayUrl, onOutput }: InProcessOptions): RunContainers {
  return async ({ id, definition, environment, signal }) => {
    const token = environment("stage-in")[stageVariable.token] ?? "";
    const workDir = await mkdtemp(join(tmpdir(), "benchgen-task-"));
    const program = (definition.containerDefinitions ?? []).find(
      ({ entryPoint }) => entryPoint !== undefined,
    );
    const sink: LogSink = {
      write: (_stream, text) => onOutput(id, program?.name ?? "", `${text}\n`),
      close: () => Promise.resolve(),
    };
    const channel = inSandbox(httpChannel(apiUrl, token));
    let looked: JobSpec | undefined;
    const spec = async (): Promise<JobSpec> => {
      const known = looked ?? (await channel.spec());
      looked = undefined;
      return known;
    };
    const launcher = createLauncher({
      // That it is looked at here, before, is no request of the job's: the launcher's first gets the same.
      channel: () => ({ ...channel, spec }),
      serveGateway: (path) => passOn(path, new URL(gatewayUrl)),
      workDir,
      logSink: () => sink,
      executor: "auto",
      shareNetwork: false,
      expose: [],
      owner: { id: "task", isAlive: () => true },
      warn: () => undefined,
    });
    try {
      looked = await channel.spec();
      const { jobId, runId, kind, limits, network } = looked;
      const name = definitionName({ version: 1, kind, image: null, limits, network });
      await launcher.run({ jobId, runId, definition: name, token }, signal).catch((error: unknown) => {
        // Being stopped is an end like others, of which ECS tells.
        if (!signal.aborted) throw error;
      });
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

/** A sandbox has no way to the gateway but its own loopback. */
function inSandbox(channel: JobChannel): JobChannel {
  const told = ({ environment }: JobProgram): Record<string, string> =>
    environment["OPENAI_BASE_URL"] === undefined ? {} : { OPENAI_BASE_URL: localGatewayUrl };
  return {
    ...channel,
    async spec() {
      const spec = await channel.spec();
      const programs = spec.programs.map((program) => ({
        ...program,
        environment: { ...program.environment, ...told(program) },
      }));
      return { ...spec, programs };
    },
  };
}

/** What arrives at the socket goes to the URL's host, byte for byte. */
async function passOn(path: string, { hostname, port }: URL): Promise<{ close(): Promise<void> }> {
  const server = createServer((client) => {
    const gateway = connect(Number(port), hostname);
    pipeline(client, gateway, client, () => undefined);
  });
  server.listen(path);
  await once(server, "listening");
  return { close: () => new Promise((resolve) => server.close(() => resolve())) };
}
