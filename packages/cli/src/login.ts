/** The servers a user has logged in to, and which of them is meant when none is named. */
import { readFileSync } from "node:fs";
import { rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as z from "zod";
import { CliError } from "./error.ts";
import { makePrivateDirectory } from "./file/directory.ts";

const loginsSchema = z.object({
  /** The server commands talk to when nothing else is said. */
  current: z.string().optional(),
  /** By the server's URL: a token is never sent to any other. */
  tokens: z.record(z.string(), z.string()),
});
export type Logins = z.infer<typeof loginsSchema>;

const none: Logins = { tokens: {} };

const fileOf = (home: string): string => join(home, "login.json");

/** A server's URL as it is remembered: without a slash at its end, query or fragment. */
export function serverUrl(url: string): string {
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname}`.replace(/\/+$/, "");
}

/**
 * None where the file is not there or not this user's to read.
 * @throws CliError `login_damaged`: what was meant for a server must not be done in this process instead
 */
export function readLogins(home: string): Logins {
  try {
    const text = readIfThere(fileOf(home));
    return text === undefined ? none : loginsSchema.parse(JSON.parse(text));
  } catch (error) {
    throw new CliError("login_damaged", `${fileOf(home)} does not say where you are logged in.`, {
      hint: "Remove it, and log in again: benchgen login URL",
      cause: error,
    });
  }
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? "";
    if (["ENOENT", "ENOTDIR", "EACCES"].includes(code)) return undefined;
    throw error;
  }
}

/** For the user alone: the file holds secrets. @throws the system's error */
export async function writeLogins(home: string, logins: Logins): Promise<void> {
  await makePrivateDirectory(home);
  const draft = `${fileOf(home)}.${process.pid}`;
  await writeFile(draft, `${JSON.stringify(logins, null, 2)}\n`, { mode: 0o600 });
  await rename(draft, fileOf(home));
}
