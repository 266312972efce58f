/** What the checks of a document share. */
import type { FindingDetail, FindingList } from "./finding-list.ts";
import type { YamlDocument, YamlPath } from "./yaml-document.ts";
import { formatPath } from "./yaml-document.ts";

/** A document under check: findings are added at the positions of its fields. */
export interface Checked {
  readonly document: YamlDocument;
  readonly file: string;
  readonly findings: FindingList;
}

/** Where a finding about a field belongs. */
export function where(
  checked: Checked,
  path: YamlPath,
  part?: "key",
): Omit<FindingDetail, "message" | "hint"> {
  return { file: checked.file, path: formatPath(path), ...checked.document.mark(path, part) };
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
