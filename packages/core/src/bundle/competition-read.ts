/** From the YAML of `competition.yaml` to its fields, whichever dialect it is written in. */
import type { Checked } from "./check.ts";
import type { Competition } from "./competition-schema.ts";
import { competitionSchema } from "./competition-schema.ts";
import { refuseKey } from "./stored-key.ts";
import { isOlderDialect, renamedKeys, translateSorting } from "./dialect.ts";
import { FindingList } from "./finding-list.ts";
import type { SchemaResult } from "./schema-finding.ts";
import { checkSchema } from "./schema-finding.ts";

/** The document's fields; undefined when it is no document of this format at all. */
export function readCompetition(checked: Checked): SchemaResult<Competition> | undefined {
  const { document, file, findings } = checked;
  const { value } = document;
  if (value === undefined) return undefined;
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    findings.error("yaml.not_a_mapping", {
      message: value === null ? `"${file}" is empty.` : `"${file}" must be a mapping (key: value).`,
      file,
      ...document.mark([]),
      hint: "Begin with: title: My environment",
    });
    return undefined;
  }
  if (isOlderDialect(document, file, findings)) return undefined;
  const understood = translateSorting(value);
  const ours = new FindingList();
  const result = checkSchema({
    schema: competitionSchema,
    document,
    file,
    findings: ours,
    renamed: renamedKeys,
    understood,
  });
  const keyed = [
    ...checkKeys(checked, "tasks", (value as Record<string, unknown>)["tasks"]),
    ...checkKeys(checked, "solutions", (value as Record<string, unknown>)["solutions"]),
  ];
  // What is missing beside a key, and the key itself, has been said.
  const said = (path = ""): boolean => keyed.some((prefix) => path.startsWith(prefix));
  const isConsequence = (code: string): boolean =>
    code === "schema.field_missing" || code === "schema.unknown_key";
  findings.items.push(...ours.items.filter(({ code, path }) => !(isConsequence(code) && said(path))));
  return result;
}

/** Upstream a task or a solution may be named by the key of one that is stored there: it cannot be found here. */
function checkKeys(checked: Checked, name: string, items: unknown): string[] {
  if (!Array.isArray(items)) return [];
  return items.flatMap((item: unknown, position) => {
    const key =
      typeof item === "object" && item !== null ? (item as Record<string, unknown>)["key"] : undefined;
    if (typeof key !== "string") return [];
    refuseKey(checked, key, [name, position, "key"]);
    return [`${name}[${position}].`];
  });
}
