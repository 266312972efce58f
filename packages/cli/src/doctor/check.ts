/** What `benchgen doctor` looks at, each as a fact, whether it is good, and what to do when it is not. */
import { constants } from "node:fs";
import { access, statfs } from "node:fs/promises";
import { dirname } from "node:path";
import type { Client } from "../client/client.ts";
import { toCliError } from "../error.ts";
import { formatBytes } from "../output/format.ts";
import { version } from "../version.ts";

export interface Check {
  readonly name: string;
  /** `warn`: something will not work, and others may not need it. */
  readonly level: "ok" | "warn" | "fail";
  readonly detail: string;
  readonly hint?: string | undefined;
}

/** Less is not enough for an image and a few runs. */
const comfortableBytes = 1e9;

export function checkNode(): Check {
  return { name: "node", level: "ok", detail: `${process.versions.node} at ${process.execPath}` };
}

/** The directory, or the nearest one above it that exists: that is where it will be made. */
export async function checkHome(home: string): Promise<Check> {
  const name = "data directory";
  const existing = await nearestExisting(home);
  try {
    await access(existing, constants.W_OK);
  } catch {
    return {
      name,
      level: "fail",
      detail: `${home} cannot be written`,
      hint: "Choose another: --home DIR, or BENCHGEN_HOME",
    };
  }
  const { bavail, bsize } = await statfs(existing);
  const free = bavail * bsize;
  const made = existing === home ? "" : ", made when it is first needed";
  const detail = `${home}, ${formatBytes(free)} free${made}`;
  return free >= comfortableBytes
    ? { name, level: "ok", detail }
    : { name, level: "warn", detail, hint: "Free some space, or choose another: --home DIR" };
}

async function nearestExisting(path: string): Promise<string> {
  for (let at = path; ; at = dirname(at)) {
    const exists = await access(at).then(
      () => true,
      () => false,
    );
    if (exists || dirname(at) === at) return at;
  }
}

export async function checkServer(
  client: Pick<Client, "health" | "listEnvironments">,
  url: string,
): Promise<Check[]> {
  const name = "server";
  try {
    const { version: theirs } = await client.health();
    const same = theirs === version;
    const reached: Check = {
      name,
      level: same ? "ok" : "warn",
      detail: `${url} answers, version ${theirs}`,
      hint: same ? undefined : `This command is version ${version}; use the same on both sides.`,
    };
    return [reached, await checkToken(client)];
  } catch (error) {
    const { message, hint } = toCliError(error);
    return [{ name, level: "fail", detail: message, hint }];
  }
}

async function checkToken(client: Pick<Client, "listEnvironments">): Promise<Check> {
  try {
    await client.listEnvironments({ limit: 1 });
    return { name: "token", level: "ok", detail: "you are let in" };
  } catch (error) {
    const { message, hint } = toCliError(error);
    return { name: "token", level: "fail", detail: message, hint };
  }
}
