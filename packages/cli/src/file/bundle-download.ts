/** Bundles, also those that their server does not pack: their files are fetched by signed URLs, and packed here. */
import { createHash } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { type ByteSource, urlSource } from "@benchgen/core/bundle/byte-source.ts";
import { rebuildBundle } from "@benchgen/core/bundle/store.ts";
import { InvalidInput, PlatformFault } from "@benchgen/core/error.ts";
import type { Blobs } from "@benchgen/core/ports.ts";
import type { BundleListing, EnvironmentVersion } from "@benchgen/core/wire/api.ts";
import { blobKey } from "@benchgen/core/wire/key.ts";
import type { Client } from "../client/client.ts";
import { CliError, exitCode } from "../error.ts";

/** URLs are good for an hour; a list is asked for again before that. */
const listLifeMs = 45 * 60_000;
/** Between attempts to go on where a connection broke, milliseconds. */
const retryAfterMs = [500, 2000, 5000, 15_000];

type Version = Pick<EnvironmentVersion, "environmentId" | "number">;

/**
 * A version's bundle as its server packs it; where it is too large for that, packed here, to the same bytes.
 * @throws CliError `bundle_changed` when a file is not what its version names
 */
export async function openBundle(client: Client, version: Version): Promise<AsyncIterable<Uint8Array>> {
  const { environmentId, number } = version;
  try {
    return (await client.downloadBundle(environmentId, number)).body ?? new Blob([]).stream();
  } catch (error) {
    if (!(error instanceof CliError) || error.code !== "bundle_too_large") throw error;
  }
  const server = {
    list: () => client.listBundle(environmentId, number),
    fetch: (url: string, headers: Readonly<Record<string, string>>) => client.fetchSigned(url, headers),
  };
  const files = new ListedFiles(server, await server.list());
  return packed(files);
}

/** @throws CliError for what the domain says of a zip: here it is the server's, not the caller's */
async function* packed(files: ListedFiles): AsyncGenerator<Uint8Array> {
  try {
    yield* rebuildBundle(files.map, files);
  } catch (error) {
    if (!(error instanceof InvalidInput) && !(error instanceof PlatformFault)) throw error;
    throw new CliError(error.code, error.message, {
      exit: exitCode.failed,
      hint: "Try again.",
      cause: error,
    });
  }
}

interface BundleServer {
  list(): Promise<BundleListing>;
  /** Whatever the signed URL answers. */
  fetch(url: string, headers: Readonly<Record<string, string>>): Promise<Response>;
}

/** The listed files as a store of content. */
class ListedFiles implements Pick<Blobs, "head" | "stream"> {
  readonly map: Readonly<Record<string, BundleListing["files"][number]>>;
  readonly #server: BundleServer;
  readonly #sources = new Map<string, Promise<ByteSource>>();
  #urls: ReadonlyMap<string, { url: string; size: number }>;
  #listedAt = Date.now();

  constructor(server: BundleServer, { files }: BundleListing) {
    this.#server = server;
    this.map = Object.fromEntries(files.map((file) => [file.path, file]));
    this.#urls = urlsOf(files);
  }

  async head(key: string) {
    const { size } = this.#find(key);
    return { key, size, modifiedAt: new Date(0).toISOString() };
  }

  async stream(key: string, range?: { start?: number; end?: number }): Promise<AsyncIterable<Uint8Array>> {
    const { size } = this.#find(key);
    const { start = 0, end = size } = range ?? {};
    const bytes = this.#read(key, start, Math.min(end, size));
    // A zip's members have checksums of their own; what is read whole is compared with what it is named after.
    return range === undefined ? verified(bytes, key) : bytes;
  }

  /** Goes on where a connection broke. */
  async *#read(key: string, start: number, end: number): AsyncGenerator<Uint8Array> {
    let at = start;
    for (let attempt = 0; at < end;) {
      try {
        const source = await this.#open(key);
        for await (const chunk of await source.read(at, end)) {
          at += chunk.length;
          attempt = 0;
          yield chunk;
        }
      } catch (error) {
        const wait = error instanceof PlatformFault ? retryAfterMs[attempt++] : undefined;
        if (wait === undefined) throw error;
        this.#sources.delete(key);
        await pause(wait);
      }
    }
  }

  async #open(key: string): Promise<ByteSource> {
    if (Date.now() - this.#listedAt > listLifeMs) {
      this.#listedAt = Date.now();
      this.#urls = urlsOf((await this.#server.list()).files);
      this.#sources.clear();
    }
    const fetch = (url: string, { headers }: { headers: Readonly<Record<string, string>> }) =>
      this.#server.fetch(url, headers);
    const opened = this.#sources.get(key) ?? urlSource(this.#find(key).url, { fetch });
    this.#sources.set(key, opened);
    return opened;
  }

  #find(key: string): { url: string; size: number } {
    const found = this.#urls.get(key);
    if (found === undefined) throw changed(key);
    return found;
  }
}

function urlsOf(files: BundleListing["files"]): ReadonlyMap<string, { url: string; size: number }> {
  return new Map(files.map(({ sha256, url, size }) => [blobKey.content(sha256), { url, size }]));
}

async function* verified(bytes: AsyncIterable<Uint8Array>, key: string): AsyncGenerator<Uint8Array> {
  const hash = createHash("sha256");
  for await (const chunk of bytes) {
    hash.update(chunk);
    yield chunk;
  }
  if (blobKey.content(hash.digest("hex")) !== key) throw changed(key);
}

function changed(key: string): CliError {
  return new CliError("bundle_changed", `What the server sent for ${key} is something else.`, {
    exit: exitCode.failed,
    hint: "Try again.",
  });
}
