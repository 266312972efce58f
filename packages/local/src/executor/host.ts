/** Looks at this machine, for the sandboxes' view of it. */
import { randomUUID } from "node:crypto";
import {
  chmod,
  copyFile,
  link,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readlink,
  rename,
  rm,
  stat,
  writeFile,
} from "node:fs/promises";
import { delimiter, dirname, join, resolve } from "node:path";
import { InvalidInput } from "@benchgen/core/error.ts";
import { jobOwner } from "@benchgen/runner/owner.ts";
import { etcNames, type HostFacts, networkEtc, ownEtc, systemDirectories, visibleEtc } from "./view.ts";

/**
 * @param toolDirectory where what the sandboxes mount is put: a small `/etc`, and a copy of Node when the programs' user
 *   cannot reach the one at hand
 * @param expose toolchains outside `/usr`, absolute directories
 * @throws InvalidInput `expose_unusable` when one of them is not there or cannot be reached by the programs' user
 */
export async function hostFacts(toolDirectory: string, expose: readonly string[]): Promise<HostFacts> {
  const exposed = await Promise.all(expose.map(exposedToolchain));
  const search = [...exposed.map(({ bin }) => bin), "/usr/local/bin", "/usr/bin", "/bin"];
  const python3 = (await find("python", search)) === undefined ? await find("python3", search) : undefined;
  const names = etcNames(visibleEtc, await readdir("/etc").catch(() => []));
  const visible = (await Promise.all(names.map(existing))).flat();
  const network = (await Promise.all(networkEtc.map(existing))).flat();
  return {
    system: (await Promise.all(systemDirectories.map(systemDirectory))).flat(),
    etc: await makeEtc(toolDirectory, [...visible, ...network]),
    visibleEtc: visible,
    networkEtc: network,
    node: await reachableNode(toolDirectory),
    gatewayRelay: await copyRelay(toolDirectory),
    exposed,
    ...(python3 === undefined ? {} : { pythonFallback: python3 }),
  };
}

/** Directories from BENCHGEN_EXPOSE. */
export function parseExpose(text: string | undefined): string[] {
  return (text ?? "").split(delimiter).filter((path) => path !== "");
}

async function systemDirectory(path: string): Promise<HostFacts["system"]> {
  const stats = await lstat(path).catch(() => undefined);
  if (stats === undefined) return [];
  return [stats.isSymbolicLink() ? { path, link: await readlink(path) } : { path }];
}

async function existing(name: string): Promise<HostFacts["visibleEtc"]> {
  const stats = await stat(`/etc/${name}`).catch(() => undefined);
  return stats === undefined ? [] : [{ name, kind: stats.isDirectory() ? "directory" : "file" }];
}

/** A small `/etc` of our own, with somewhere to mount what is seen of the machine's. */
async function makeEtc(toolDirectory: string, mounted: HostFacts["visibleEtc"]): Promise<string> {
  await mkdir(toolDirectory, { recursive: true, mode: 0o755 });
  const etc = await mkdtemp(join(toolDirectory, "etc-"));
  await chmod(etc, 0o755);
  for (const [name, text] of Object.entries(ownEtc)) await writeFile(join(etc, name), text);
  for (const { name, kind } of mounted) {
    const path = join(etc, name);
    await mkdir(kind === "directory" ? path : dirname(path), { recursive: true });
    if (kind === "file") await writeFile(path, "");
  }
  return etc;
}

async function find(name: string, directories: readonly string[]): Promise<string | undefined> {
  for (const directory of directories) {
    const path = join(directory, name);
    if (((await stat(path).catch(() => undefined))?.mode ?? 0) & 0o111) return path;
  }
  return undefined;
}

/** Places where a program's own directories, or the kernel's, cover whatever the machine has there. */
const covered = ["/app/", "/dev/", "/proc/", "/run/benchgen/", "/tmp/"];

async function exposedToolchain(path: string): Promise<HostFacts["exposed"][number]> {
  const directory = resolve(path);
  const refuse = (why: string): never => {
    throw new InvalidInput("expose_unusable", `BENCHGEN_EXPOSE names ${path}, which ${why}.`, {
      hint: "Name directories that exist, separated by colons, like /opt/conda:/opt/venv.",
    });
  };
  if (directory !== path || directory === "/") refuse("is no plain absolute path");
  if (covered.some((path) => `${directory}/`.startsWith(path))) {
    refuse("programs cannot see: they have something of their own there");
  }
  if (!(await stat(directory).catch(() => undefined))?.isDirectory()) refuse("is no directory");
  if (!(await reachable(directory))) refuse("the user that programs run as cannot reach; put it in /opt");
  const bin = join(directory, "bin");
  const hasBin = (await stat(bin).catch(() => undefined))?.isDirectory() ?? false;
  return { path: directory, bin: hasBin ? bin : directory };
}

async function copyRelay(toolDirectory: string): Promise<string> {
  const path = join(toolDirectory, "gateway-relay.mts");
  await copyFile(new URL("gateway-relay.ts", import.meta.url), path);
  await chmod(path, 0o644);
  return path;
}

async function reachableNode(toolDirectory: string): Promise<string> {
  if (await reachable(process.execPath)) return process.execPath;
  const copy = join(toolDirectory, `node-${process.version}`);
  if ((await stat(copy).catch(() => undefined)) !== undefined) return copy;
  await mkdir(toolDirectory, { recursive: true, mode: 0o755 });
  const part = `${copy}.${randomUUID()}`;
  // A link costs nothing, where both are on one file system.
  await link(process.execPath, part).catch(() => copyFile(process.execPath, part));
  await rename(part, copy);
  await rm(part, { force: true });
  return copy;
}

/** Whether the user that programs run as can open the path: everyone's bits, when that user is not us. */
export async function reachable(path: string): Promise<boolean> {
  if (jobOwner() === undefined) return true;
  for (let at = path; ; at = dirname(at)) {
    const stats = await stat(at).catch(() => undefined);
    // Passing through a directory takes x; what is at the end is read, too.
    const needed = at === path ? 0o005 : 0o001;
    if (stats === undefined || (stats.mode & needed) !== needed) return false;
    if (at === dirname(at)) return true;
  }
}

/** Lets the programs' user pass through a directory of ours; it need not see what else is in there. */
export async function makeReachable(directory: string): Promise<void> {
  if (jobOwner() !== undefined) await chmod(directory, 0o711);
}
