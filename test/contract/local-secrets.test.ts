import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createSecrets } from "@benchgen/local/secret/secrets.ts";
import { secretsContract } from "./secrets.contract.ts";

secretsContract("files", async () => {
  const dir = mkdtempSync(join(tmpdir(), "benchgen-"));
  return { secrets: createSecrets(dir), close: async () => rmSync(dir, { recursive: true }) };
});
