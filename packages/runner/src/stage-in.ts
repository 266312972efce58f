/** Puts everything in place that a job's programs see. The same code in a container and on one machine. */
import { chmod, chown, lchown, mkdir, rm, symlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { chunks } from "@benchgen/core/bundle/byte-source.ts";
import { isJunk } from "@benchgen/core/bundle/tree.ts";
import { type ZipArchive, openZip } from "@benchgen/core/bundle/zip-archive.ts";
import { forEachLimited } from "@benchgen/core/concurrency.ts";
import { BenchgenError, InvalidInput, PlatformFault, messageOf } from "@benchgen/core/error.ts";
import { jobVolumes, programVolumes, volumeName } from "@benchgen/core/job/container.ts";
import {
  appDirectory,
  placementsOf,
  programAliases,
  programDirectory,
  programsOf,
} from "@benchgen/core/job/layout.ts";
import type { JobInput, JobSpec, ProgramName } from "@benchgen/core/wire/job.ts";
import type { JobChannel } from "./channel.ts";
import { type Host, writeControl } from "./control.ts";
import { openRegular, rangeOf, writeNew } from "./file.ts";
import { type Owner, jobOwner } from "./owner.ts";

/** Members of one zip written at a time: inflating runs on other threads. */
const parallelMembers = 4;

/**
 * Fetches the spec and fills the job's volumes, which are directories of `root` by their names, empty or not there yet.
 * @param host by default one whose containers have a network and limits of their own
 * @returns the spec
 * @throws InvalidInput `input_unreadable` when an input is no archive that can be unpacked: the job fails for that reason
 * @throws NotFound when a stored input is gone; PlatformFault for everything else that is not the submitter's doing
 */
export async function stageIn(
  channel: JobChannel,
  root: string,
  host: Host = { shared: false },
): Promise<JobSpec> {
  const spec = await channel.spec();
  const owner = jobOwner();
  try {
    await makeDirectories(root, spec, owner);
    await writeControl(root, spec, host);
    for (const input of spec.inputs) {
      for (const program of input.program === undefined ? programsOf[spec.kind] : [input.program]) {
        await place(channel, root, input, { program, owner });
      }
    }
    for (const { path, program, text } of spec.texts ?? []) {
      await writeUnlessThere(inVolume(root, program, path), text, owner);
    }
  } catch (error) {
    if (error instanceof BenchgenError) throw error;
    throw new PlatformFault(
      "stage_in_failed",
      `The job's inputs could not be put in place: ${messageOf(error)}.`,
      {
        cause: error,
      },
    );
  }
  return spec;
}

async function makeDirectories(root: string, spec: JobSpec, owner: Owner | undefined): Promise<void> {
  for (const volume of jobVolumes(spec.kind)) await mkdir(join(root, volume), { recursive: true });
  for (const volume of programVolumes(spec.kind)) await ownedDirectory(join(root, volume), owner);
  for (const { name } of spec.programs) {
    const inside = placementsOf(spec.kind, name).map(({ path }) => path);
    for (const path of [programDirectory, ...inside, ...spec.directories]) {
      await ownedDirectory(inVolume(root, name, path), owner);
    }
    for (const alias of programAliases) {
      const link = inVolume(root, name, alias);
      await symlink("program", link);
      if (owner !== undefined) await lchown(link, owner.uid, owner.gid);
    }
  }
}

/** Where a path below `/app` lies in the program's volume. */
function inVolume(root: string, program: ProgramName, path: string): string {
  return join(root, volumeName.app(program), path.slice(appDirectory.length));
}

/** Makes a directory and those above it that are missing. One that is there already, as on Fargate volumes are, is root's. */
async function ownedDirectory(path: string, owner: Owner | undefined): Promise<void> {
  const first = (await mkdir(path, { recursive: true })) ?? path;
  if (owner === undefined) return;
  for (let made = path; made.length >= first.length; made = dirname(made)) {
    await chown(made, owner.uid, owner.gid);
  }
}

async function place(
  channel: JobChannel,
  root: string,
  input: JobInput,
  to: { program: ProgramName; owner: Owner | undefined },
): Promise<void> {
  const directory = inVolume(root, to.program, input.path);
  const download = join(root, volumeName.stage, "download");
  try {
    await fetchInto(channel, input, download);
    const opened = await openRegular(download);
    if (opened === undefined) throw new Error(`${download} has vanished`);
    try {
      const { file, size } = opened;
      if (input.unpack) {
        const read = (start: number, end: number) => Promise.resolve(rangeOf(file, start, end));
        await unpack(await openZip({ size, read }), directory, to.owner);
      } else {
        await writeOwned(join(directory, input.filename ?? "data"), rangeOf(file, 0, size), to.owner);
      }
    } finally {
      await opened.file.close();
    }
  } catch (error) {
    // What the platform lost or changed is its own fault, and must not cost a participant a submission.
    if (!(error instanceof InvalidInput)) throw error;
    throw new InvalidInput(
      "input_unreadable",
      `What belongs in ${input.path} cannot be used: ${error.message}`,
      {
        ...(error.hint === undefined ? {} : { hint: error.hint }),
        cause: error,
      },
    );
  } finally {
    await rm(download, { force: true });
  }
}

/** Brings an input here whole, so that its hash is known before anything of it is used. */
async function fetchInto(channel: JobChannel, input: JobInput, path: string): Promise<void> {
  const source = await channel.open(input);
  const wrong = (what: string) =>
    new PlatformFault(
      "input_changed",
      `What belongs in ${input.path} has changed: its ${what} is not the one recorded when it was stored.`,
    );
  if (input.size !== undefined && source.size !== input.size) throw wrong("size");
  const content = await writeNew(path, await source.read(0, source.size));
  if (content.size !== source.size) throw wrong("size");
  if (input.sha256 !== undefined && content.sha256 !== input.sha256) throw wrong("SHA-256");
}

async function unpack(archive: ZipArchive, directory: string, owner: Owner | undefined): Promise<void> {
  const entries = archive.entries.filter((entry) => !isJunk(entry.path));
  // Directories first and in order, so that members can be written in parallel.
  const directories = new Set(
    entries.map((entry) => (entry.kind === "directory" ? entry.path : dirname(entry.path))),
  );
  for (const path of directories) await ownedDirectory(join(directory, path), owner);
  const files = entries.filter((entry) => entry.kind === "file");
  await forEachLimited(files, parallelMembers, async (entry) => {
    const path = join(directory, entry.path);
    await writeOwned(path, await archive.open(entry), owner, entry.executable ? 0o755 : 0o644);
  });
}

/** What a submission brings under the name is what its author meant. */
async function writeUnlessThere(path: string, text: string, owner: Owner | undefined): Promise<void> {
  try {
    await writeOwned(path, chunks([new TextEncoder().encode(text)]), owner);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
}

async function writeOwned(
  path: string,
  content: AsyncIterable<Uint8Array>,
  owner: Owner | undefined,
  mode = 0o644,
): Promise<void> {
  await writeNew(path, content, mode);
  // Whatever the umask of whoever started us took away.
  await chmod(path, mode);
  if (owner !== undefined) await lchown(path, owner.uid, owner.gid);
}
