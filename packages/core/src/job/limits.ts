/** What a job may use, and whether it may reach the network. */
import type { ProgramMetadata } from "../bundle/manifest.ts";
import type { Limits, NetworkMode } from "../wire/job.ts";

/** What a program gets that asks for nothing; the time comes from its phase. */
export const defaultLimits: Limits = {
  timeSeconds: 600,
  cpus: 1,
  memoryMb: 2048,
  diskMb: 2048,
  // Threads count: numerical libraries start one or two per core of the machine.
  processes: 512,
  logBytes: 10 * 1024 * 1024,
};

/**
 * The limits of one job: the phase's time, the resources its programs ask for, and never more than the operator allows.
 * @param phase `executionTimeLimit` in seconds; a program may ask for less time than that, not for more
 * @param programs resources of each program in the job; of two programs at once, the larger wish counts for both
 * @param ceilings the operator's maxima; absent ones do not limit
 */
export function resolveLimits(
  phase: { readonly executionTimeLimit: number },
  programs: readonly ProgramMetadata["resources"][],
  ceilings: Partial<Limits> = {},
): Limits {
  const wish = (of: (resources: ProgramMetadata["resources"]) => number | undefined, fallback: number) => {
    const wishes = programs.map((resources) => of(resources) ?? fallback);
    return wishes.length === 0 ? fallback : Math.max(...wishes);
  };
  const wanted: Limits = {
    timeSeconds: Math.min(
      phase.executionTimeLimit,
      wish((resources) => resources.timeSeconds, phase.executionTimeLimit),
    ),
    cpus: wish((resources) => resources.cpus, defaultLimits.cpus),
    memoryMb: Math.ceil(wish((resources) => resources.memoryMb, defaultLimits.memoryMb)),
    diskMb: Math.ceil(wish((resources) => resources.diskMb, defaultLimits.diskMb)),
    processes: defaultLimits.processes,
    logBytes: defaultLimits.logBytes,
  };
  const capped = Object.entries(wanted).map(([name, value]) => {
    return [name, Math.min(value, ceilings[name as keyof Limits] ?? Number.POSITIVE_INFINITY)];
  });
  return Object.fromEntries(capped) as Limits;
}

/**
 * The job's network: open only when the operator permits it and every program in the job asks for it. Two programs at
 * once share one network on Fargate, so one program's wish must not open it for the other, which may run a stranger's code.
 * A job that may call a model reaches the gateway and nothing else, whatever it asks for: the questions stay in.
 */
export function resolveNetwork(
  asked: readonly NetworkMode[],
  { allowed, callsModel = false }: { readonly allowed: boolean; readonly callsModel?: boolean },
): NetworkMode {
  if (callsModel) return "gateway";
  return allowed && asked.length > 0 && asked.every((mode) => mode === "open") ? "open" : "none";
}
