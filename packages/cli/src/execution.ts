/** How programs are run, by the commands that run them in this process. */
import { type Command, InvalidArgumentError, Option } from "commander";
import type { LocalOptions } from "./host/host.ts";

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
    .option("--concurrency <n>", "jobs at one time (default: one per CPU)", positiveInteger);
}

/** What `openLocal` is told; only what was said. */
export function executionOptions({
  executor,
  network,
  concurrency,
}: ExecutionOptions): Pick<LocalOptions, "executor" | "allowNetwork" | "concurrency"> {
  return {
    ...(executor === undefined ? {} : { executor }),
    ...(network === undefined ? {} : { allowNetwork: network }),
    ...(concurrency === undefined ? {} : { concurrency }),
  };
}

/** For commander: a whole number from 1. */
export function positiveInteger(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError("It must be a whole number from 1.");
  return Number(text);
}
