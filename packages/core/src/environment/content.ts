/** What a version holds for those who may see it: its pages, its logo, what a phase offers. */
import { bundlePath } from "../bundle/file-map.ts";
import { InvalidInput, NotFound } from "../error.ts";
import type { Principal } from "../access/principal.ts";
import type { Ports } from "../ports.ts";
import type { Download } from "../wire/api.ts";
import { blobKey } from "../wire/key.ts";
import { loadDocument } from "./record.ts";
import { resolveVersion } from "./version.ts";

/** Pages are shown whole. */
const maxPageBytes = 4 * 1024 * 1024;

const downloadSeconds = 3600;

const contentTypes: Readonly<Record<string, string>> = {
  md: "text/markdown; charset=utf-8",
  txt: "text/plain; charset=utf-8",
  html: "text/html; charset=utf-8",
  png: "image/png",
  jpg: "image/jpeg",
  jpeg: "image/jpeg",
  gif: "image/gif",
  webp: "image/webp",
  svg: "image/svg+xml",
};

/**
 * A signed download of a phase's starting kit or public data.
 * @throws NotFound for every other file of the bundle: reference data is one of them
 */
export async function downloadFile(
  ports: Pick<Ports, "table" | "blobs">,
  principal: Principal,
  reference: string,
  number: number,
  file: string,
): Promise<Download> {
  const { version } = await resolveVersion(ports, principal, reference, number);
  const { manifest, files } = await loadDocument(ports.blobs, version);
  const offered = manifest.phases.flatMap(({ startingKit, publicData }) => [startingKit, publicData]);
  const stored = offered.includes(file) ? bundlePath(files, file) : undefined;
  if (stored === undefined) {
    throw new NotFound("download", file, "A phase's starting_kit and public_data can be downloaded.");
  }
  const name = file.slice(file.lastIndexOf("/") + 1);
  const filename = stored.kind === "directory" ? `${name}.zip` : name;
  const url = await ports.blobs.signDownload(blobKey.content(stored.sha256), {
    expiresInSeconds: downloadSeconds,
    filename,
  });
  return { filename, size: stored.size, url };
}

/**
 * A page, the terms, or the logo. Untrusted content: whoever serves it sandboxes it.
 * @throws NotFound for every other file of the bundle: reference data is one of them
 */
export async function readPage(
  ports: Pick<Ports, "table" | "blobs">,
  principal: Principal,
  reference: string,
  number: number,
  file: string,
): Promise<{ contentType: string; content: Uint8Array }> {
  const { version } = await resolveVersion(ports, principal, reference, number);
  const { manifest, files } = await loadDocument(ports.blobs, version);
  const shown = [...manifest.pages.map((page) => page.file), manifest.terms, manifest.image];
  const stored = shown.includes(file) ? bundlePath(files, file) : undefined;
  if (stored?.kind !== "file") throw new NotFound("page", file);
  if (stored.size > maxPageBytes) {
    throw new InvalidInput(
      "page_too_large",
      `The page "${file}" has ${stored.size} bytes; at most ${maxPageBytes} are shown.`,
    );
  }
  const content = await ports.blobs.get(blobKey.content(stored.sha256), { maxBytes: maxPageBytes });
  if (content === undefined) throw new NotFound("page", file);
  const extension = file.slice(file.lastIndexOf(".") + 1).toLowerCase();
  return { contentType: contentTypes[extension] ?? "application/octet-stream", content };
}
