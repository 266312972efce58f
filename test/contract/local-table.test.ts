import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "@benchgen/local/clock.ts";
import { createCursorCodec } from "@benchgen/local/cursor.ts";
import { openDatabase } from "@benchgen/local/database.ts";
import { openDirectorySecret } from "@benchgen/local/directory-secret.ts";
import { createTable } from "@benchgen/local/table/table.ts";
import { tableContract } from "./table.contract.ts";

tableContract("SQLite", async () => {
  const dir = mkdtempSync(join(tmpdir(), "benchgen-"));
  const database = openDatabase(dir);
  const cursors = createCursorCodec(openDirectorySecret(dir)("cursor"));
  return {
    table: createTable({ database, cursors, clock: systemClock }),
    close: async () => {
      database.close();
      rmSync(dir, { recursive: true });
    },
  };
});
