import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { assertSecretName, assertSecretValue } from "@benchgen/core/port/secret.ts";
import type { Secrets } from "@benchgen/core/ports.ts";
import { writeFileAtomically } from "../atomic-file.ts";

/**
 * Secrets as files readable by their owner only. One that has no file is looked for in the environment:
 * `my-key` in `BENCHGEN_SECRET_MY_KEY`.
 * @param environment default: this process's
 */
export function createSecrets(
  dir: string,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Secrets {
  const pathOf = (name: string): string => join(dir, fileName(name));
  return {
    async put(name, value) {
      const path = pathOf(name);
      assertSecretValue(value);
      mkdirSync(dir, { recursive: true, mode: 0o700 });
      writeFileAtomically(path, value);
    },

    async get(name) {
      try {
        return readFileSync(pathOf(name), "utf8");
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
        return environment[variableName(name)] ?? undefined;
      }
    },

    async delete(name) {
      rmSync(pathOf(name), { force: true });
    },
  };
}

/** Upper case is escaped: some file systems do not tell it from lower. */
function fileName(name: string): string {
  assertSecretName(name);
  return name.replaceAll(/[^a-z0-9_-]/g, (character) => `%${character.charCodeAt(0).toString(16)}`);
}

function variableName(name: string): string {
  return `BENCHGEN_SECRET_${name.toUpperCase().replaceAll(/[^A-Z0-9]/g, "_")}`;
}
