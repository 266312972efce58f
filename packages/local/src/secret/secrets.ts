import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { InvalidInput } from "@benchgen/core/error.ts";
import type { Secrets } from "@benchgen/core/ports.ts";
import { writeFileAtomically } from "../atomic-file.ts";

/** AWS Secrets Manager's limit. */
const maxSecretBytes = 65_536;

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
      const bytes = Buffer.byteLength(value);
      if (bytes < 1 || bytes > maxSecretBytes) {
        throw new InvalidInput("secret_invalid", `A secret has 1 to ${maxSecretBytes} bytes, not ${bytes}.`);
      }
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
  if (!/^[A-Za-z0-9][\w./-]{0,99}$/.test(name)) {
    throw new InvalidInput("secret_invalid", `"${name}" cannot name a secret.`, {
      hint: "Use 1 to 100 letters, digits, and _ . / - between them.",
    });
  }
  return name.replaceAll(/[^a-z0-9_-]/g, (character) => `%${character.charCodeAt(0).toString(16)}`);
}

function variableName(name: string): string {
  return `BENCHGEN_SECRET_${name.toUpperCase().replaceAll(/[^A-Z0-9]/g, "_")}`;
}
