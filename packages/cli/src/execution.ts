/** How programs are run, by the commands that run them in this process. */
import { statSync } from "node:fs";
import { isAbsolute } from "node:path";
import { type Command, Option } from "commander";
import { parseExpose } from "@benchgen/local/executor/host.ts";
import { CliError } from "./error.ts";
import type { HostOptions } from "./host/host.ts";
import { positiveInteger } from "./option.ts";

export const executors = ["auto", "docker", "bubblewrap", "namespaces"] as const;

export interface ExecutionOptions {
  readonly executor?: (typeof executors)[number];
  /** False with --no-network. */
  readonly network?: boolean;
  readonly concurrency?: number;
}

export function addExecutionOptions(command: Command): Command {
  return command
    .addOption(
      new Option("--executor <name>", "what runs the programs (default: the best this machine has)").choices(
        executors,
      ),
    )
    .option("--no-network", "refuse the network to programs that ask for it")
    .option(
      "--concurrency <n>",
      "programs of a run at one time (default: one per CPU); of a model, its calls too",
      positiveInteger,
    );
}

/** What the host is told; only what was said. Toolchains outside `/usr` are named by BENCHGEN_EXPOSE. */
export function executionOptions(
  { executor, network, concurrency }: ExecutionOptions,
  environment: Readonly<Record<string, string | undefined>>,
): Pick<HostOptions, "executor" | "allowNetwork" | "concurrency" | "expose"> {
  return {
    expose: exposed(environment["BENCHGEN_EXPOSE"]),
    ...(executor === undefined ? {} : { executor }),
    ...(network === undefined ? {} : { allowNetwork: network }),
    ...(concurrency === undefined ? {} : { concurrency }),
  };
}

/** @throws CliError `option_without_effect`: whoever refuses the network to programs must not be wrong about it */
export function requireNoExecutionOptions({ executor, network }: ExecutionOptions): void {
  const option = executor !== undefined ? "--executor" : network === false ? "--no-network" : undefined;
  if (option === undefined) return;
  throw new CliError("option_without_effect", `${option} has no effect on a server: it runs the programs.`, {
    hint: "Leave it out, or run them in this process: --local",
  });
}

/** @throws CliError when a name in BENCHGEN_EXPOSE is no directory: said at once, and not by the first job */
function exposed(text: string | undefined): string[] {
  const paths = parseExpose(text);
  for (const path of paths) {
    if (isAbsolute(path) && statSync(path, { throwIfNoEntry: false })?.isDirectory() === true) continue;
    throw new CliError("expose_invalid", `BENCHGEN_EXPOSE names ${path}, which is not a directory.`, {
      hint: "Name directories by their full paths, with colons between them: /opt/conda:/opt/venv",
    });
  }
  return paths;
}
