/** The keys of endpoints, as the gateway holds them. */
import { modelSecret } from "../model/record.ts";
import type { Ports } from "../ports.ts";
import type { ModelId } from "../wire/id.ts";
import type { Grant } from "./access.ts";
import { GatewayRefusal } from "./refusal.ts";

/** How long a key is remembered: each look-up of a secret costs on AWS. A model that was removed is used no longer than that. */
const keyMs = 60_000;

export class KeyRing {
  readonly #ports: Pick<Ports, "secrets" | "clock">;
  readonly #keys = new Map<ModelId, { readonly key: string; readonly until: number }>();

  constructor(ports: Pick<Ports, "secrets" | "clock">) {
    this.#ports = ports;
  }

  /** Undefined for an endpoint that asks for none. @throws GatewayRefusal `upstream_key_refused` when it was removed */
  async keyOf({ hasKey, modelId, name }: Grant): Promise<string | undefined> {
    if (!hasKey) return undefined;
    const now = this.#ports.clock.now().getTime();
    const known = this.#keys.get(modelId);
    if (known !== undefined && known.until > now) return known.key;
    const key = await this.#ports.secrets.get(modelSecret(modelId));
    if (key === undefined) {
      this.#keys.delete(modelId);
      const message = `The model "${name}" was removed, and its key with it.`;
      throw new GatewayRefusal("upstream_key_refused", message, { status: 502 });
    }
    this.#keys.set(modelId, { key, until: now + keyMs });
    return key;
  }
}
