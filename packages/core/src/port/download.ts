/** The headers of what a stranger wrote, whoever serves it. */

/** No scripts, no forms, an origin of its own, and nothing loaded from elsewhere, which would tell others who reads it. */
const untrustedPolicy =
  "sandbox; default-src 'none'; img-src data:; style-src 'unsafe-inline'; frame-ancestors 'self'";

/** Media types a browser may show, in a sandbox. All else is saved as a file. */
const shownTypes = new Set([
  "text/html",
  "text/markdown",
  "text/plain",
  "image/png",
  "image/jpeg",
  "image/gif",
  "image/webp",
  "image/svg+xml",
]);

/**
 * Strangers' bytes served from our origin: never to be guessed at, never to run as a page of ours.
 * @param how `page`: shown by a browser where that is safe; `file`: saved, under that name if there is one
 */
export function untrustedHeaders(
  content: { readonly contentType: string; readonly filename?: string | undefined },
  how: "page" | "file",
): Record<string, string> {
  const { contentType, filename } = content;
  const type = contentType.split(";")[0]?.trim().toLowerCase() ?? "";
  const kind = how === "page" && shownTypes.has(type) ? "inline" : "attachment";
  return {
    "content-type": contentType,
    "content-security-policy": untrustedPolicy,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cache-control": "private, no-store",
    ...(filename === undefined ? {} : { "content-disposition": contentDisposition(filename, kind) }),
  };
}

/** A Content-Disposition (RFC 6266): the name in ASCII for old clients, and in full. */
export function contentDisposition(filename: string, kind: "inline" | "attachment" = "attachment"): string {
  const base = filename.split(/[/\\]/).at(-1) ?? "";
  const ascii = base.replace(/[^\x20-\x7e]|["%\\]/g, "_");
  const full = encodeURIComponent(base.toWellFormed()).replace(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `${kind}; filename="${ascii}"; filename*=UTF-8''${full}`;
}

/** The name in a Content-Disposition made by `contentDisposition`; undefined in any other. */
export function filenameIn(disposition: string): string | undefined {
  const full = /; filename\*=UTF-8''([^;]*)$/.exec(disposition)?.[1];
  return full === undefined ? undefined : decodeURIComponent(full);
}
