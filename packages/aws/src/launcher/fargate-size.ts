import { InvalidInput } from "@benchgen/core/error.ts";
import { programsOf } from "@benchgen/core/job/layout.ts";
import type { JobDefinition } from "@benchgen/core/wire/job.ts";

/**
 * The sizes Fargate has: CPU units (1,024 to a vCPU), and the memory each may have, MiB, in ascending order.
 * Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html
 */
export const fargateSizes: readonly { readonly cpu: number; readonly memoryMb: readonly number[] }[] = [
  { cpu: 256, memoryMb: [512, 1024, 2048] },
  { cpu: 512, memoryMb: steps(1024, 4096, 1024) },
  { cpu: 1024, memoryMb: steps(2048, 8192, 1024) },
  { cpu: 2048, memoryMb: steps(4096, 16_384, 1024) },
  { cpu: 4096, memoryMb: steps(8192, 30_720, 1024) },
  { cpu: 8192, memoryMb: steps(16_384, 61_440, 4096) },
  { cpu: 16_384, memoryMb: steps(32_768, 122_880, 8192) },
];

function steps(least: number, most: number, step: number): number[] {
  return Array.from({ length: (most - least) / step + 1 }, (_, index) => least + index * step);
}

/** For our own containers, and for what the programs' limits do not count. MiB. */
const ownMemoryMb = 256;
/** For the relay, which runs beside programs and stage-out. */
const relayMemoryMb = 128;
/** Included in every task, and charged for beyond; images lie on it too. GiB. */
const usualStorageGib = 20;
const mostStorageGib = 200;

export interface FargateSize {
  /** CPU units. */
  readonly cpu: number;
  readonly memoryMb: number;
  readonly storageGib: number;
}

/**
 * The smallest task that has room for the job.
 * @param relay whether there is one to the gateway
 * @throws InvalidInput `resources_too_large` when Fargate has none
 */
export function fargateSize(
  { kind, limits }: Pick<JobDefinition, "kind" | "limits">,
  { relay = false }: { readonly relay?: boolean } = {},
): FargateSize {
  const programs = programsOf[kind].length;
  const cpu = programs * limits.cpus * 1024;
  const memory = programs * limits.memoryMb + ownMemoryMb + (relay ? relayMemoryMb : 0);
  const size = fargateSizes.find((size) => size.cpu >= cpu && size.memoryMb.at(-1)! >= memory);
  const memoryMb = size?.memoryMb.find((offered) => offered >= memory);
  if (size === undefined || memoryMb === undefined) {
    throw tooLarge(`${cpu / 1024} CPUs and ${memory} MiB of memory`);
  }
  // Twice: what a program wrote, and the archive made of it.
  const storageGib = usualStorageGib + Math.ceil((2 * programs * limits.diskMb) / 1024);
  if (storageGib > mostStorageGib) throw tooLarge(`${storageGib} GiB of disk`);
  return { cpu: size.cpu, memoryMb, storageGib };
}

function tooLarge(wanted: string): InvalidInput {
  return new InvalidInput("resources_too_large", `No Fargate task has ${wanted}.`, {
    hint: "Ask for less in the program's metadata: at most 16 CPUs, 119 GiB of memory and 90 GiB of disk.",
  });
}
