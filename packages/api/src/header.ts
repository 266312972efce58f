import { contentDisposition, untrustedPolicy } from "@benchgen/core/port/download.ts";
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

/** Headers for what a stranger wrote. */
export function untrustedHeaders(contentType: string, filename: string): Record<string, string> {
  const type = contentType.split(";")[0]?.trim().toLowerCase() ?? "";
  return {
    "content-type": contentType,
    "content-security-policy": `${untrustedPolicy}; frame-ancestors 'self'`,
    "content-disposition": contentDisposition(filename, shown.has(type) ? "inline" : "attachment"),
  };
}
