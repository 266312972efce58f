/** Telling the older dialect apart, whose documents say the same things in another shape. */
import type { FindingList } from "./finding-list.ts";
import type { YamlDocument } from "./yaml-document.ts";

/** Keys of other dialects, and typical slips, with what they are called here. */
export const renamedKeys: Readonly<Record<string, string>> = {
  sort: "sorting",
  max_submissions_per_person: "max_submissions",
  label: "title",
  start_date: "start",
  end_date: "end",
  competition_docker_image: "docker_image",
  auto_migration: "auto_migrate_to_this_phase",
  logo: "image",
  numeric_format: "precision",
};

/**
 * Whether the document is a CodaLab v1.5 one: phases as a mapping, pages under `html`, or leaderboards inside the
 * leaderboard. It gets one finding, because every field of it would be wrong.
 */
export function isOlderDialect(document: YamlDocument, file: string, findings: FindingList): boolean {
  const root = mapping(document.value);
  if (root === undefined) return false;
  const sign = ["1", "1.5"].includes(String(root["version"]))
    ? "version"
    : mapping(root["phases"]) !== undefined
      ? "phases"
      : mapping(root["html"]) !== undefined
        ? "html"
        : mapping(mapping(root["leaderboard"])?.["leaderboards"]) !== undefined
          ? "leaderboard"
          : undefined;
  if (sign === undefined) return false;
  findings.error("bundle.older_dialect", {
    message: "This is a CodaLab v1.5 document; version 2 is needed here.",
    file,
    ...document.mark([sign], "key"),
    path: sign,
    hint: 'Rewrite it by the table in docs/codabench.md, under "Convert a v1.5 bundle".',
  });
  return true;
}

/** Leaderboard columns that say `sort` and not `sorting` mean the same. Gives the keys that were taken over. */
export function translateSorting(value: unknown): ReadonlySet<string> {
  const root = mapping(value);
  const understood = new Set<string>();
  for (const board of [...list(root?.["leaderboard"]), ...list(root?.["leaderboards"])]) {
    for (const column of list(mapping(board)?.["columns"])) {
      const fields = mapping(column);
      if (fields === undefined || fields["sorting"] !== undefined || fields["sort"] === undefined) continue;
      fields["sorting"] = fields["sort"];
      understood.add("sort");
    }
  }
  return understood;
}

function mapping(value: unknown): Record<string, unknown> | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
