/** Keys of what is stored on the upstream platform: a bundle there may name them instead of files. */
import type { Checked } from "./check.ts";
import { where } from "./check.ts";
import type { YamlPath } from "./yaml-document.ts";

/** Upstream every key is a UUID. */
export function isStoredKey(written: string): boolean {
  return /^[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}$/i.test(written.trim());
}

/** What a key names cannot be found here. */
export function refuseKey(checked: Checked, key: string, path: YamlPath): void {
  checked.findings.error("manifest.key_unresolvable", {
    message: `The key "${key.slice(0, 60)}" names something stored on another platform, which cannot be fetched from here.`,
    ...where(checked, path),
    hint: "Download its programs and data there, put them into the bundle, and name their paths.",
  });
}
