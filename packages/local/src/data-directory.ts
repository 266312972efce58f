import { createCursorCodec } from "@benchgen/core/port/cursor.ts";
import type { CursorCodec } from "@benchgen/core/port/cursor.ts";
import { openDatabase } from "./database.ts";
import type { Database } from "./database.ts";
import { openDirectorySecret } from "./directory-secret.ts";
import { openOwner, removeDeadOwners } from "./owner.ts";
import type { Owner } from "./owner.ts";

/** What the adapters of one data directory share. Several processes may have the same directory open. */
export interface DataDirectory {
  readonly dir: string;
  readonly database: Database;
  readonly owner: Owner;
  readonly cursors: CursorCodec;
  /** A key of this directory for that purpose, the same in every process: 32 bytes. */
  secretFor(purpose: string): Uint8Array;
  /** After everything that uses it. */
  close(): void;
}

/** Opens the directory, and creates it when it is missing. @throws PlatformFault when that is impossible */
export function openDataDirectory(dir: string): DataDirectory {
  const database = openDatabase(dir);
  try {
    const secretFor = openDirectorySecret(dir);
    removeDeadOwners(dir);
    const owner = openOwner(dir);
    return {
      dir,
      database,
      owner,
      cursors: createCursorCodec(secretFor("cursor")),
      secretFor,
      close: () => {
        database.close();
        owner.close();
      },
    };
  } catch (error) {
    database.close();
    throw error;
  }
}
