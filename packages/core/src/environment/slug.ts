/** A name made from a title: `Iris — Species` becomes `iris-species`. Never empty. */
export function slugOf(title: string): string {
  const slug = title
    .normalize("NFKD")
    // Accents are separate marks after NFKD; dropping them keeps the letter.
    .replaceAll(/\p{Mark}/gu, "")
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .slice(0, 64)
    .replaceAll(/^-+|-+$/g, "");
  return slug === "" ? "environment" : slug;
}
