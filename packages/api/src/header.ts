import type { MiddlewareHandler } from "hono";

/**
 * On every answer that does not say otherwise. No Access-Control-* header is ever sent: browsers then keep the API to
 * its own origin.
 */
const securityHeaders: Readonly<Record<string, string>> = {
  "x-content-type-options": "nosniff",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "cache-control": "no-store",
};

export const setSecurityHeaders: MiddlewareHandler = async (c, next) => {
  await next();
  for (const [name, value] of Object.entries(securityHeaders)) {
    if (!c.res.headers.has(name)) c.res.headers.set(name, value);
  }
};

/** Media types a browser may show, in a sandbox. All else is saved as a file. */
const shown = new Set([
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
 * Headers for what a stranger wrote: no scripts, no forms, an origin of its own, nothing loaded from elsewhere (which
 * would tell others who reads it).
 */
export function untrustedHeaders(contentType: string, filename: string): Record<string, string> {
  const type = contentType.split(";")[0]?.trim().toLowerCase() ?? "";
  return {
    "content-type": contentType,
    "content-security-policy":
      "sandbox; default-src 'none'; img-src data:; style-src 'unsafe-inline'; frame-ancestors 'self'",
    "content-disposition": contentDisposition(filename, shown.has(type) ? "inline" : "attachment"),
  };
}

/** RFC 6266: the name in ASCII for old clients, and in full. */
export function contentDisposition(filename: string, kind: "inline" | "attachment" = "attachment"): string {
  const base = filename.split(/[/\\]/).at(-1) ?? "";
  const ascii = base.replace(/[^\x20-\x7e]|["%\\]/g, "_");
  const full = encodeURIComponent(base.toWellFormed()).replace(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16)}`,
  );
  return `${kind}; filename="${ascii}"; filename*=UTF-8''${full}`;
}
