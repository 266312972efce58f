import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLogStore } from "@benchgen/local/log/log-store.ts";
import { logsContract } from "./logs.contract.ts";

logsContract("files", async () => {
  const dir = mkdtempSync(join(tmpdir(), "benchgen-"));
  const logs = createLogStore(dir);
  return {
    logs,
    write: async (job, lines) => {
      const sink = logs.sink(job);
      for (const { stream, text, at } of lines) sink.write(stream, text, at);
      await sink.close();
    },
    close: async () => rmSync(dir, { recursive: true }),
  };
});
