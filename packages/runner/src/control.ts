/** What a program's container is told: the files of its control volume, which it sees read-only. */
import { execFile } from "node:child_process";
import { chmod, chown, copyFile, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { PlatformFault, messageOf } from "@benchgen/core/error.ts";
import {
  controlFile,
  relayDirectory,
  relayFile,
  relayUser,
  reportFile,
  volumeName,
} from "@benchgen/core/job/container.ts";
import type { JobProgram, JobSpec, ModelNetwork, ProgramName } from "@benchgen/core/wire/job.ts";
import { type Enforcement, launchScript, nothingEnforced } from "./launch-script.ts";
import { jobOwner } from "./owner.ts";

/** Where programs run, as far as the wrapper in their containers must know. */
export interface Host {
  /**
   * Whether the job's containers share one network interface, and are limited in nothing but memory, as on Fargate.
   * The wrapper then takes the network away itself, and limits processes.
   */
  readonly shared: boolean;
  /** What a program with a model reaches on such an interface; the gateway alone when it is not said. */
  readonly modelNetwork?: ModelNetwork;
}

/** What a wrapper must see to, and what is seen to before it starts. */
export interface HostEnforcement extends Enforcement {
  /** What the program has of a network that is not its own: absent where it has one. */
  readonly network?: "none" | "gateway" | "open";
}

/** Processes of the wrapper and what it starts, beside a program's own. */
const ownProcesses = 16;

/**
 * Writes the wrapper, which travels with us because the program's image is a stranger's and does not have it; what it
 * is to run; and the ticket in the report volume by which a program that never started is known.
 * @throws PlatformFault `network_not_refused` when the network cannot be taken away here: nothing is started then
 */
export async function writeControl(root: string, spec: JobSpec, host: Host): Promise<void> {
  for (const program of spec.programs) {
    const enforcement = enforcementOf(spec, program, host);
    const control = join(root, volumeName.control(program.name));
    await writeFile(join(control, controlFile.launch), launchScript(program, spec.limits, enforcement));
    await writeWrapper(control);
    if (enforcement.network !== undefined) await provideConfine(control, enforcement.network);
    if (enforcement.relay !== undefined) await tellRelay(root, program);
    await writeFile(join(root, volumeName.report(program.name), reportFile.unstarted), "");
  }
}

/**
 * Has the programs' containers end at once, and well.
 * @param control a control volume
 */
export async function writeOver(control: string, host: Host): Promise<void> {
  await writeWrapper(control);
  if (host.shared) await provideConfine(control, "none");
  await writeFile(join(control, controlFile.over), "");
}

async function writeWrapper(control: string): Promise<void> {
  await copyFile(beside(controlFile.wrapper), join(control, controlFile.wrapper));
}

/** What is worth telling of how programs ran there, beside what they left. */
export function notesOn(host: Host, spec: Pick<JobSpec, "network" | "programs">): string[] {
  const open = host.shared && host.modelNetwork === "https" && spec.network === "gateway";
  return (open ? spec.programs.filter(hasModel) : []).map(
    ({ name }) =>
      `The ${name} program could reach any address by HTTPS, not only the gateway: this deployment's modelNetwork is "https".`,
  );
}

/**
 * Why a program was not started that its wrapper could not confine.
 * @param problem as the helper said it
 */
export function unconfinedDetail({ network }: Pick<JobSpec, "network">, name: ProgramName, problem: string) {
  const gateway = network === "gateway";
  return [
    `The ${name} program was not started, because it cannot be kept ${gateway ? "to the gateway" : "from the network"} here: ${problem}.`,
    ...(gateway
      ? [`To let programs with models reach any address, set modelNetwork to "https" for the stage.`]
      : []),
  ].join(" ");
}

/** Only programs that have one are told where it is. */
function hasModel({ environment }: Pick<JobProgram, "environment">): boolean {
  return gatewayOf({ environment }) !== undefined;
}

function gatewayOf({ environment }: Pick<JobProgram, "environment">): string | undefined {
  return environment["OPENAI_BASE_URL"];
}

/** What the wrapper of one program of a job must see to itself. */
export function enforcementOf(
  { network, limits, programs }: Pick<JobSpec, "network" | "limits" | "programs">,
  program: Pick<JobProgram, "environment">,
  host: Host,
): HostEnforcement {
  if (!host.shared) return nothingEnforced;
  // The kernel counts a user's processes, and both programs of a concurrent job are the same user.
  const processes = programs.length * (limits.processes + ownProcesses);
  if (network === "open") return { network, processes };
  if (network !== "gateway" || !hasModel(program)) return { network: "none", processes };
  // What the security group leaves: HTTPS.
  if (host.modelNetwork === "https") return { network: "open", processes };
  return { network, relay: `${relayDirectory}/${relayFile.url}`, processes };
}

/** The relay is told nothing but where the gateway is. */
async function tellRelay(root: string, program: JobProgram): Promise<void> {
  const volume = join(root, volumeName.relay);
  await mkdir(volume, { recursive: true });
  await writeFile(join(volume, relayFile.gateway), gatewayOf(program) ?? "");
  if (jobOwner() !== undefined) await chown(volume, relayUser.uid, relayUser.gid);
}

/**
 * What keeps a program from the network, and starts its wrapper.
 * @throws PlatformFault `network_not_refused`
 */
async function provideConfine(
  control: string,
  network: NonNullable<HostEnforcement["network"]>,
): Promise<void> {
  const path = join(control, controlFile.confine);
  await writeFile(join(control, controlFile.network), network);
  try {
    await copyFile(beside(controlFile.confine), path);
    await chmod(path, 0o755);
    // Without a program it only tries itself out, on the kernel that the program will have.
    await promisify(execFile)(path, ["none"], { env: {} });
  } catch (error) {
    throw new PlatformFault(
      "network_not_refused",
      `The network cannot be taken away from the program: ${messageOf(error)}.`,
      { hint: "Build the runner image anew, for the processors the jobs run on.", cause: error },
    );
  }
}

/** A file that lies beside this one, or beside the bundle it is in. */
function beside(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url));
}
