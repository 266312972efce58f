/** Secrets a deployment makes for itself. They live in its table: whoever reads that needs none of them. */
import * as z from "zod";
import type { Ports } from "../ports.ts";
import { tableKey } from "./key.ts";
import { readRecord, toItem } from "./record.ts";
import { writeIf } from "./write.ts";

const secretSchema = z.object({ secret: z.string().min(1) });

/** Makes the secret when nobody has; then, and for everybody who asks, it is the same. */
export async function deploymentSecret(
  ports: Pick<Ports, "table" | "ids">,
  name: string,
): Promise<Uint8Array> {
  const key = tableKey.secret(name);
  for (;;) {
    const found = await readRecord(ports.table, key, secretSchema);
    if (found !== undefined) return new TextEncoder().encode(found.secret);
    const item = toItem(key, { secret: ports.ids.token() });
    await writeIf(ports.table, [{ kind: "put", item, conditions: [{ kind: "absent" }] }]);
  }
}
