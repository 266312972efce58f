import { ContentCheck } from "../port/content.ts";
import type { Ports } from "../ports.ts";
import { tableKey } from "../record/key.ts";
import { blobKey } from "../wire/key.ts";
import type { UploadRecord } from "./record.ts";
import { readSteadily } from "./steady-read.ts";

/**
 * Reads what came in parts, once, and compares it with what was announced: the store compared each part with a hash
 * that was told it later. What came in one PUT, the store compared itself.
 * @throws InvalidInput `size_mismatch`, `checksum_mismatch`; NotFound when the bytes are gone
 */
export async function verifyContent(
  ports: Pick<Ports, "table" | "blobs" | "clock">,
  { id, size, sha256, parts, verifiedAt }: UploadRecord,
): Promise<void> {
  if (parts === undefined || verifiedAt !== undefined) return;
  const check = new ContentCheck({ size, sha256 });
  for await (const chunk of readSteadily(ports.blobs, blobKey.upload(id), size)) check.take(chunk);
  check.finish();
  // A check that is begun again does not read it all once more.
  await ports.table.write([
    {
      kind: "update",
      key: tableKey.upload(id),
      set: { verifiedAt: ports.clock.now().toISOString() },
      conditions: [{ kind: "exists" }],
    },
  ]);
}
