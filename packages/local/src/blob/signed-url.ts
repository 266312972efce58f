import { createHmac, timingSafeEqual } from "node:crypto";
import { Forbidden } from "@benchgen/core/error.ts";
import type { SignedUpload } from "@benchgen/core/ports.ts";
import type { PartName } from "./part-store.ts";

/** What one URL allows, and nothing else. `expires` in seconds since the epoch. */
export interface UploadGrant {
  readonly method: "PUT";
  readonly key: string;
  /** Bytes, exactly. */
  readonly size: number;
  readonly sha256: string;
  readonly contentType?: string;
  /** Of an upload in parts, this one; the whole blob without it. */
  readonly part?: PartName;
  readonly expires: number;
}

/** Signs one PUT of an upload, in `expiresInSeconds`. */
export type SignPut = (
  put: Omit<UploadGrant, "method" | "expires"> & { readonly expiresInSeconds: number },
) => SignedUpload;

export interface DownloadGrant {
  readonly method: "GET";
  readonly key: string;
  readonly filename?: string;
  readonly expires: number;
}

/** Where the server mounts the handler of signed URLs. */
export const blobPath = "/blobs/";

/** The path and query of the grant's URL. */
export function signedPath(secret: Uint8Array, grant: UploadGrant | DownloadGrant): string {
  const query = new URLSearchParams({ expires: String(grant.expires) });
  if (grant.method === "PUT") {
    query.set("size", String(grant.size));
    query.set("sha256", grant.sha256);
    if (grant.contentType !== undefined) query.set("type", grant.contentType);
    if (grant.part !== undefined) {
      query.set("upload", grant.part.upload);
      query.set("part", String(grant.part.number));
    }
  } else if (grant.filename !== undefined) {
    query.set("filename", grant.filename);
  }
  query.set("signature", signatureOf(secret, grant));
  return `${blobPath}${grant.key.split("/").map(encodeURIComponent).join("/")}?${query.toString()}`;
}

/**
 * What the URL lets a client put.
 * @throws Forbidden `url_invalid` when it was not signed here for PUT, or altered; `url_expired`
 */
export function uploadGrant(secret: Uint8Array, url: URL, now: Date): UploadGrant {
  const { searchParams: query } = url;
  const contentType = query.get("type");
  const [upload, number] = [query.get("upload"), query.get("part")];
  return verified(secret, url, now, {
    method: "PUT",
    key: keyIn(url),
    expires: Number(query.get("expires")),
    size: Number(query.get("size")),
    sha256: query.get("sha256") ?? "",
    ...(contentType === null ? {} : { contentType }),
    ...(upload === null && number === null ? {} : { part: { upload: upload ?? "", number: Number(number) } }),
  });
}

/** What the URL lets a client get. @throws Forbidden `url_invalid`, `url_expired` */
export function downloadGrant(secret: Uint8Array, url: URL, now: Date): DownloadGrant {
  const { searchParams: query } = url;
  const filename = query.get("filename");
  return verified(secret, url, now, {
    method: "GET",
    key: keyIn(url),
    expires: Number(query.get("expires")),
    ...(filename === null ? {} : { filename }),
  });
}

function verified<G extends UploadGrant | DownloadGrant>(
  secret: Uint8Array,
  url: URL,
  now: Date,
  claim: G,
): G {
  const signature = Buffer.from(url.searchParams.get("signature") ?? "");
  const expected = Buffer.from(signatureOf(secret, claim));
  if (signature.length !== expected.length || !timingSafeEqual(signature, expected)) {
    throw new Forbidden("url_invalid", `This URL was not signed for ${claim.method}, or was altered.`);
  }
  if (now.getTime() >= claim.expires * 1000) {
    throw new Forbidden("url_expired", "This URL has expired.", { hint: "Ask for a new one." });
  }
  return claim;
}

/** The key in the path; one that cannot be read is the empty key, which nothing is signed for. */
function keyIn({ pathname }: URL): string {
  if (!pathname.startsWith(blobPath)) return "";
  try {
    return decodeURIComponent(pathname.slice(blobPath.length));
  } catch {
    return "";
  }
}

function signatureOf(secret: Uint8Array, grant: UploadGrant | DownloadGrant): string {
  const { method, key, expires } = grant;
  const rest =
    grant.method === "PUT"
      ? [
          grant.size,
          grant.sha256,
          grant.contentType ?? null,
          grant.part?.upload ?? null,
          grant.part?.number ?? null,
        ]
      : [grant.filename ?? null];
  const text = JSON.stringify([method, key, expires, ...rest]);
  return createHmac("sha256", secret).update(text).digest("base64url");
}
