/** Pages, terms and the logo: that they hold something, and that the logo is an image. */
import type { Checked } from "./check.ts";
import { where } from "./check.ts";
import { readHead } from "./content.ts";
import type { Resolved } from "./reference-check.ts";
import type { BundleTree } from "./tree.ts";
import { isLfsPointer } from "./zip-end-record.ts";

/** Enough to see text behind blank lines, and an SVG's root behind its comments. */
const headBytes = 4096;

/** Adds findings about pages that are empty and a logo that is no image. */
export async function checkPages(
  checked: Checked,
  tree: BundleTree,
  resolved: readonly Resolved[],
): Promise<void> {
  for (const { role, field, target } of resolved) {
    if (role !== "page" && role !== "image") continue;
    const head = await readHead(tree, target.path, headBytes);
    // Said for all files of the bundle at once.
    if (isLfsPointer(head)) continue;
    const at = where(checked, field);
    if (role === "image" && imageType(head) === undefined) {
      checked.findings.error("bundle.not_an_image", {
        message: `"${target.path}" is not an image${head.length === 0 ? ": it is empty" : ""}.`,
        ...at,
        hint: "Use a PNG, JPEG, GIF, WebP or SVG file.",
      });
    }
    if (role === "page" && head.length < headBytes && Buffer.from(head).toString("utf8").trim() === "") {
      checked.findings.error("bundle.page_empty", {
        message: `"${target.path}" is empty.`,
        ...at,
        hint: "Write the page, or remove it from the document.",
      });
    }
  }
}

const signatures: readonly (readonly [type: string, pattern: RegExp])[] = [
  ["png", /^\u0089PNG\r\n\u001a\n/],
  ["jpeg", /^\u00ff\u00d8\u00ff/],
  ["gif", /^GIF8[79]a/],
  ["webp", /^RIFF[^]{4}WEBP/],
  ["bmp", /^BM[^]{4}\0\0\0\0/],
  ["ico", /^\0\0\u0001\0/],
  ["tiff", /^(II\*\0|MM\0\*)/],
  ["avif", /^[^]{4}ftyp(avif|avis|heic|heix|mif1)/],
  ["jxl", /^(\u00ff\u000a|\0\0\0\u000cJXL )/],
];

/** The image format a file begins as, by its signature; undefined for anything else. */
function imageType(head: Uint8Array): string | undefined {
  const bytes = Buffer.from(head).toString("latin1");
  const found = signatures.find(([, pattern]) => pattern.test(bytes))?.[0];
  if (found !== undefined) return found;
  const text = Buffer.from(head)
    .toString("utf8")
    .replace(/^\ufeff/, "");
  return /^\s*<(\?xml|!--|!doctype svg|svg)/i.test(text) && /<svg[\s>]/i.test(text) ? "svg" : undefined;
}
