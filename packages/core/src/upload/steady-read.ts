import { BenchgenError } from "../error.ts";
import type { Blobs } from "../ports.ts";

/** A connection that breaks more often over one blob will not get through. */
const maxBreaks = 20;

/**
 * All bytes of a blob that may take minutes to read: a connection that breaks is opened again where it broke.
 * @param size of the blob, bytes
 * @throws NotFound, PlatformFault; whatever a stream throws that breaks again and again
 */
export async function* readSteadily(
  blobs: Pick<Blobs, "stream">,
  key: string,
  size: number,
): AsyncGenerator<Uint8Array> {
  let at = 0;
  for (let breaks = 0; at < size;) {
    try {
      for await (const chunk of await blobs.stream(key, { start: at })) {
        at += chunk.length;
        yield chunk;
      }
      return;
    } catch (error) {
      // What the store itself says is final: it has tried again already.
      if (error instanceof BenchgenError || ++breaks > maxBreaks) throw error;
    }
  }
}
