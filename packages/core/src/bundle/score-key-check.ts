/** Whether a scoring program can write what its leaderboards show, as far as that can be told without running it. */
import { boardsOf } from "./board-check.ts";
import { collect } from "./byte-source.ts";
import type { Checked } from "./check.ts";
import { where } from "./check.ts";
import { closest } from "./closest.ts";
import type { Competition } from "./competition-schema.ts";
import type { OpenedContent } from "./content.ts";
import type { ProgramMetadata } from "./manifest.ts";
import type { Partially } from "./schema-finding.ts";
import type { BundleTree } from "./tree.ts";
import { composesAny } from "./key-template.ts";
import type { YamlPath } from "./yaml-document.ts";

/** Programs are small; a data file among them is not worth searching. */
const maxFileBytes = 1024 * 1024;
const maxTotalBytes = 4 * 1024 * 1024;
/** One that is found is enough. */
const maxKeys = 200;

interface WantedKey {
  readonly key: string;
  readonly path: YamlPath;
}

/**
 * Compares the columns that are read, not computed, with the keys a program lists as `scores`: an error when it writes
 * none of them, a warning for each it does not. Without a list, a warning when no key stands anywhere in its text.
 */
export async function checkScoreKeys(
  checked: Checked,
  competition: Partially<Competition>,
  program: { readonly path: string; readonly metadata: ProgramMetadata; readonly content: OpenedContent },
): Promise<void> {
  const wanted = boardsOf(competition).flatMap(({ board, path }) =>
    (board.columns ?? []).flatMap((column, position): WantedKey[] =>
      typeof column?.key !== "string" || column.computation !== undefined
        ? []
        : [{ key: column.key, path: [...path, "columns", position, "key"] }],
    ),
  );
  if (wanted.length === 0) return;
  if (program.metadata.scores === undefined) await searchText(checked, wanted, program);
  else compareListed(checked, wanted, program.path, program.metadata.scores);
}

function compareListed(
  checked: Checked,
  wanted: readonly WantedKey[],
  program: string,
  scores: readonly string[],
): void {
  const missing = wanted.filter(({ key }) => !scores.includes(key));
  if (missing.length === wanted.length) {
    checked.findings.error("manifest.no_scored_column", {
      message: `"${program}" writes ${list(scores)}, and no column of the leaderboard has one of these keys.`,
      ...where(checked, wanted[0]!.path),
      hint: "Give the columns the keys that the scoring program writes to scores.json.",
    });
    return;
  }
  for (const { key, path } of missing) {
    const near = closest(key, scores, checked.guesses);
    checked.findings.warning("manifest.column_unscored", {
      message: `"${program}" does not list \`${key}\` among the scores it writes: the column will stay empty.`,
      ...where(checked, path),
      hint: near === undefined ? `It writes ${list(scores)}.` : `Did you mean \`${near}\`?`,
    });
  }
}

async function searchText(
  checked: Checked,
  wanted: readonly WantedKey[],
  program: { readonly path: string; readonly content: OpenedContent },
): Promise<void> {
  const searched = await searchProgram(
    program.content.tree,
    wanted.slice(0, maxKeys).map(({ key }) => key),
  );
  if (searched !== "none") return;
  const keys = list(wanted.map(({ key }) => key));
  checked.findings.warning("manifest.column_unscored", {
    message: `Nothing in "${program.path}" mentions ${keys}: the leaderboard may stay empty.`,
    ...where(checked, wanted[0]!.path),
    hint: "Column keys must be those the scoring program writes to scores.json; its metadata.yaml may list them as `scores`.",
  });
}

/** `unknown` when there is no text to search, or too much. */
async function searchProgram(
  tree: BundleTree,
  keys: readonly string[],
): Promise<"some" | "none" | "unknown"> {
  let total = 0;
  for (const [path, { size }] of tree.files) {
    if (size > maxFileBytes || total + size > maxTotalBytes) return "unknown";
    total += size;
    const bytes = Buffer.from(await collect(await tree.open(path), maxFileBytes));
    // A compiled program keeps its strings, too, but not every one in one piece.
    if (bytes.includes(0)) return "unknown";
    const text = bytes.toString("utf8");
    if (keys.some((key) => mentions(text, key)) || composesAny(text, keys)) return "some";
  }
  return total === 0 ? "unknown" : "none";
}

/** Whether the key stands in the text as a word of its own: `"accuracy"`, `accuracy: 0.9`, `dict(accuracy=…)`. */
function mentions(text: string, key: string): boolean {
  const isWord = (character: string | undefined): boolean =>
    character !== undefined && /[\p{L}\p{N}_]/u.test(character);
  for (let at = text.indexOf(key); at !== -1; at = text.indexOf(key, at + 1)) {
    if (!isWord(text[at - 1]) && !isWord(text[at + key.length])) return true;
  }
  return false;
}

function list(keys: readonly string[]): string {
  const shown = keys.slice(0, 5).map((key) => `\`${key}\``);
  return shown.join(", ") + (keys.length > shown.length ? " and more" : "");
}
