/** `sst build`, as an operator runs it: everything `sst deploy` does before it asks AWS to make anything. */
import { execFile } from "node:child_process";
import { readFileSync, readdirSync, statSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { functionNames, maxBundleBytes } from "../../packages/functions/bundle.ts";
import { startAccount } from "../support/stacks/account.ts";
import { projectRoot } from "../support/stacks/root.ts";
import type { Resource } from "../support/stacks/synthesis.ts";

it("builds every stack and every function, without an account", async () => {
  const account = await startAccount();
  const root = await projectRoot();
  try {
    const built = join(root, "built");
    const { NODE_ENV: _, ...environment } = process.env;
    await promisify(execFile)(
      join(root, "node_modules/.bin/sst"),
      ["build", "--stage", "test", "--to", built],
      {
        cwd: root,
        env: {
          ...environment,
          AWS_ENDPOINT_URL: account.endpoint,
          AWS_ACCESS_KEY_ID: "testing",
          AWS_SECRET_ACCESS_KEY: "testing",
          AWS_REGION: "eu-central-1",
          SST_TELEMETRY_DISABLED: "1",
          CI: "1",
        },
      },
    );
    const templates = readdirSync(built).filter((file) => file.endsWith(".template.json"));
    expect(templates).toHaveLength(8);
    const functions = templates.flatMap((file) => functionsIn(join(built, file)));
    expect(functions).toHaveLength(functionNames.length);
    for (const { Properties } of functions) {
      expect(Properties["Runtime"]).toBe("nodejs24.x");
      const hash = String(Properties["Code"].S3Key).replace(".zip", "");
      const files = filesIn(join(built, `asset.${hash}`));
      const modules = files.filter((file) => file.endsWith(".mjs"));
      const handler = String(Properties["Handler"]).replace(/\.handler$/, ".mjs");
      expect(modules).toContain(join(built, `asset.${hash}`, handler));
      const bytes = modules.map((file) => statSync(file).size).reduce((sum, size) => sum + size);
      expect(bytes).toBeLessThan(maxBundleBytes);
    }
  } finally {
    await account.close();
    await rm(root, { recursive: true, force: true });
  }
}, 300_000);

function functionsIn(template: string): Omit<Resource, "id">[] {
  const { Resources } = JSON.parse(readFileSync(template, "utf8")) as { Resources: Record<string, Resource> };
  return Object.values(Resources).filter(
    ({ Type, Properties }) =>
      Type === "AWS::Lambda::Function" && String(Properties["FunctionName"]).startsWith("benchgen-"),
  );
}

function filesIn(directory: string): string[] {
  return readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}
