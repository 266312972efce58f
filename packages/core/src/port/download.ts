/** The headers of what a stranger wrote, whoever serves it. */

/** No scripts, no forms, an origin of its own, and nothing loaded from elsewhere, which would tell others who reads it. */
export const untrustedPolicy = "sandbox; default-src 'none'; img-src data:; style-src 'unsafe-inline'";

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
