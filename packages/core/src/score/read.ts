/** What a scoring job left in its output.zip. */
import type { ZipArchive, ZipEntry } from "../bundle/zip-archive.ts";
import { type ParsedScores, type ScoredColumn, maxJsonBytes, maxTextBytes, parseScores } from "./parse.ts";

export interface ScoringOutput {
  readonly scores: ParsedScores;
  /** `detailed_results.html`, else the only `*.html`, to be shown sandboxed. */
  readonly detailedResults?: ZipEntry;
  /** `results.jsonl`: one line per case, kept as it is. */
  readonly results?: ZipEntry;
  /** Without one: a path that looks like it, and is not read. */
  readonly misplacedResults?: string;
}

/**
 * Finds and reads the scores in the output of a scoring job. Only files at the archive's root count, as upstream.
 * The other files are returned as entries, for the caller to stream where they belong.
 * @throws InvalidInput `zip.…` when the archive itself is damaged
 */
export async function readScores(
  archive: Pick<ZipArchive, "entries" | "open">,
  columns: readonly ScoredColumn[],
): Promise<ScoringOutput> {
  const files = archive.entries.filter((entry) => entry.kind === "file" && !entry.path.includes("/"));
  const named = (path: string) => files.find((entry) => entry.path === path);
  const pages = files.filter((entry) => /\.html$/i.test(entry.path));
  const detailedResults = named("detailed_results.html") ?? (pages.length === 1 ? pages[0] : undefined);
  const results = named("results.jsonl");
  const misplaced =
    results === undefined
      ? archive.entries.find(({ path }) => /(?:^|\/)results\.jsonl(?:\/|$)/i.test(path))
      : undefined;
  const json = await readAtMost(archive, named("scores.json"), maxJsonBytes);
  const txt = json === undefined ? await readAtMost(archive, named("scores.txt"), maxTextBytes) : undefined;
  return {
    scores: parseScores({ json, txt }, columns),
    ...(detailedResults && { detailedResults }),
    ...(results && { results }),
    ...(misplaced && { misplacedResults: misplaced.path }),
  };
}

/** At most one byte more than allowed, by which `parseScores` sees that it is too large. */
async function readAtMost(
  archive: Pick<ZipArchive, "open">,
  entry: ZipEntry | undefined,
  maxBytes: number,
): Promise<Uint8Array | undefined> {
  if (entry === undefined) return undefined;
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of await archive.open(entry)) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > maxBytes) break;
  }
  return Buffer.concat(chunks, Math.min(size, maxBytes + 1));
}
