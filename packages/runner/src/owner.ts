import { programUser } from "@benchgen/core/job/container.ts";

export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/**
 * Who owns a job's directories: the user its programs run as. Started by root, programs run as an ordinary user and
 * everything is handed to it; started by anyone else, they run as that same person and nothing needs handing over.
 */
export function jobOwner(): Owner | undefined {
  return process.getuid?.() === 0 ? programUser : undefined;
}
