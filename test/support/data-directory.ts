import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "@benchgen/local/clock.ts";
import { openDataDirectory } from "@benchgen/local/data-directory.ts";
import type { DataDirectory } from "@benchgen/local/data-directory.ts";
import type { Clock } from "@benchgen/core/ports.ts";

/** A data directory that is gone once it is closed, with what else the local adapters ask for. */
export function temporaryDataDirectory(): DataDirectory & {
  readonly clock: Clock;
  readonly warn: (message: string) => void;
} {
  const data = openDataDirectory(mkdtempSync(join(tmpdir(), "benchgen-")));
  return {
    ...data,
    clock: systemClock,
    warn: (message) => {
      throw new Error(`unexpected warning: ${message}`);
    },
    close: () => {
      data.close();
      rmSync(data.dir, { recursive: true });
    },
  };
}
