import {
  CreateSecretCommand,
  DeleteSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
} from "@aws-sdk/client-secrets-manager";
import type { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { assertSecretName, assertSecretValue } from "@benchgen/core/port/secret.ts";
import type { Secrets } from "@benchgen/core/ports.ts";
import { calling, unless } from "../fault.ts";

const service = "Secrets Manager";
/** What it says of a name that it does not know. */
const missing = "ResourceNotFoundException";

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
  return {
    async put(name, value) {
      const id = idOf(name);
      assertSecretValue(value);
      const create = new CreateSecretCommand({ Name: id, SecretString: value });
      const replace = new PutSecretValueCommand({ SecretId: id, SecretString: value });
      await calling(service, async () => {
        // Most are new. One that somebody else creates meanwhile is replaced like any other.
        const created = await unless(["ResourceExistsException"], () => client.send(create));
        if (created === undefined) await client.send(replace);
      });
    },

    async get(name) {
      const request = new GetSecretValueCommand({ SecretId: idOf(name) });
      const found = await calling(service, () => unless([missing], () => client.send(request)));
      return found?.SecretString;
    },

    async delete(name) {
      // At once: a name in its days of grace could not be used again.
      const request = new DeleteSecretCommand({ SecretId: idOf(name), ForceDeleteWithoutRecovery: true });
      await calling(service, () => unless([missing], () => client.send(request)));
    },
  };
}
