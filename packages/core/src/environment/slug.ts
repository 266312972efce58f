import { createHash } from "node:crypto";

/**
 * A name made from a title: `Iris — Species` becomes `iris-species`. Of one without a letter or digit that a name may
 * have it is `environment-` and a part of the title's hash: two of them are two environments, not versions of one.
 */
export function slugOf(title: string): string {
  const slug = title
    .normalize("NFKD")
    // Accents are separate marks after NFKD; dropping them keeps the letter.
    .replaceAll(/\p{Mark}/gu, "")
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .slice(0, 64)
    .replaceAll(/^-+|-+$/g, "");
  if (slug !== "") return slug;
  return `environment-${createHash("sha256").update(title.normalize("NFC")).digest("hex").slice(0, 8)}`;
}
