import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { createSecrets } from "./secrets.ts";

let dir: string;
beforeEach(() => {
  dir = join(mkdtempSync(join(tmpdir(), "benchgen-")), "secrets");
});
afterEach(() => {
  rmSync(join(dir, ".."), { recursive: true });
});

it("keeps secrets readable by their owner only", async () => {
  await createSecrets(dir).put("openai", "sk-1");
  const files = readdirSync(dir);
  expect(files).toEqual(["openai"]);
  expect(statSync(join(dir, files[0]!)).mode & 0o777).toBe(0o600);
  expect(statSync(dir).mode & 0o777).toBe(0o700);
});

it("looks for a secret in the environment when it has no file", async () => {
  const secrets = createSecrets(dir, { BENCHGEN_SECRET_MODELS_GPT_5: "from the environment" });
  expect(await secrets.get("models/gpt-5")).toBe("from the environment");
  await secrets.put("models/gpt-5", "from the file");
  expect(await secrets.get("models/gpt-5")).toBe("from the file");
  expect(await secrets.get("models/other")).toBeUndefined();
});
