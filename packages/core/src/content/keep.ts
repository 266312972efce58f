/** How content comes into the store: every way to put any goes through here, so that none is deleted before it is named. */
import type { Blobs, Bytes } from "../ports.ts";
import { blobKey } from "../wire/key.ts";
import { type UsePorts, useContent } from "./use.ts";

export interface KeepPorts extends UsePorts {
  readonly blobs: Pick<Blobs, "head" | "put">;
}

/** What is known of content before it is stored. */
export interface Content {
  /** Lower-case hex. */
  readonly sha256: string;
  /** Bytes. */
  readonly size: number;
  readonly contentType?: string;
}

/**
 * Sees to it that content is in the store, for a caller who is about to name it.
 * @param open its bytes, asked for when they are not there yet
 * @throws InvalidInput when the bytes are others than announced; PlatformFault
 */
export async function keepContent(
  ports: KeepPorts,
  { sha256, ...known }: Content,
  open: () => Bytes | Promise<Bytes>,
): Promise<void> {
  await useContent(ports, sha256);
  const key = blobKey.content(sha256);
  if ((await ports.blobs.head(key)) !== undefined) return;
  await ports.blobs.put(key, await open(), { sha256, ...known, ifAbsent: true });
}

/** The same of content that is in the store under another key. @throws NotFound when it is not */
export async function keepCopy(
  ports: UsePorts & { readonly blobs: Pick<Blobs, "head" | "copy"> },
  sha256: string,
  from: string,
): Promise<void> {
  await useContent(ports, sha256);
  const key = blobKey.content(sha256);
  if ((await ports.blobs.head(key)) === undefined) await ports.blobs.copy(from, key);
}
