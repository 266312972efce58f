import {
  CreateSecretCommand,
  DeleteSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
} from "@aws-sdk/client-secrets-manager";
import type { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { assertSecretName, assertSecretValue } from "@benchgen/core/port/secret.ts";
import type { Secrets } from "@benchgen/core/ports.ts";
import { calling, isError } from "../fault.ts";

const service = "Secrets Manager";

export interface SecretsOptions {
  readonly client: SecretsManagerClient;
  /** In front of every name, so that a role can be given these and no others: `benchgen/prod/`. */
  readonly prefix: string;
}

/** Secrets in AWS Secrets Manager. */
export function createSecrets({ client, prefix }: SecretsOptions): Secrets {
  const idOf = (name: string): string => {
    assertSecretName(name);
    return prefix + name;
  };
  const replace = async (SecretId: string, SecretString: string): Promise<boolean> =>
    unless("ResourceNotFoundException", () =>
      client.send(new PutSecretValueCommand({ SecretId, SecretString })),
    );
  const create = async (Name: string, SecretString: string): Promise<boolean> =>
    unless("ResourceExistsException", () => client.send(new CreateSecretCommand({ Name, SecretString })));

  return {
    async put(name, value) {
      const id = idOf(name);
      assertSecretValue(value);
      await calling(service, async () => {
        // Most are new. One that somebody else creates meanwhile is replaced like any other.
        if (!(await create(id, value))) await replace(id, value);
      });
    },

    async get(name) {
      const request = new GetSecretValueCommand({ SecretId: idOf(name) });
      let value: string | undefined;
      await calling(service, () =>
        unless("ResourceNotFoundException", async () => {
          value = (await client.send(request)).SecretString;
        }),
      );
      return value;
    },

    async delete(name) {
      // At once: a name in its days of grace could not be used again.
      const request = new DeleteSecretCommand({ SecretId: idOf(name), ForceDeleteWithoutRecovery: true });
      await calling(service, () => unless("ResourceNotFoundException", () => client.send(request)));
    },
  };
}

/** @returns false when AWS answered with that error */
async function unless(name: string, call: () => Promise<unknown>): Promise<boolean> {
  try {
    await call();
    return true;
  } catch (error) {
    if (isError(error, name)) return false;
    throw error;
  }
}
