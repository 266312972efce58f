/** What the checks of a document share. */
import type { GuessBudget } from "./closest.ts";
import type { FindingDetail, FindingList } from "./finding-list.ts";
import type { YamlDocument, YamlPath } from "./yaml-document.ts";
import { formatPath } from "./yaml-document.ts";

/** A document under check: findings are added at the positions of its fields. */
export interface Checked {
  readonly document: YamlDocument;
  readonly file: string;
  readonly findings: FindingList;
  /** For what was meant by names that lead nowhere: a bundle may have a hundred thousand of them. */
  readonly guesses: GuessBudget;
}

/** A second, for all names of a bundle together. */
const bundleComparisons = 100_000_000;

export function newChecked(document: YamlDocument, file: string, findings: FindingList): Checked {
  return { document, file, findings, guesses: { comparisons: bundleComparisons } };
}

/** Where a finding about a field belongs. */
export function where(
  checked: Checked,
  path: YamlPath,
  part?: "key",
): Omit<FindingDetail, "message" | "hint"> {
  return { file: checked.file, path: formatPath(path), ...checked.document.mark(path, part) };
}

/** Indexes named in a hint: more than this nobody reads, and there may be as many hints as there are references. */
const maxListed = 20;

/** What there is to refer to, for a hint. */
export function listed(indexes: readonly (number | undefined)[]): string {
  return indexes.slice(0, maxListed).join(", ") + (indexes.length > maxListed ? ", …" : "");
}

/** An error for each value that was used before; undefined ones were wrong already. */
export function checkUnique(
  checked: Checked,
  values: readonly (number | string | undefined)[],
  path: (position: number) => YamlPath,
  what: string,
): void {
  const first = new Map<number | string, number>();
  values.forEach((value, position) => {
    if (value === undefined) return;
    const earlier = first.get(value);
    if (earlier === undefined) {
      first.set(value, position);
      return;
    }
    checked.findings.error("manifest.duplicate", {
      message: `The ${what} ${value} is used twice, at ${formatPath(path(earlier))} as well.`,
      ...where(checked, path(position)),
      hint: "Give each its own.",
    });
  });
}
