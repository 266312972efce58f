/** Looking for a text in the whole cases of a task, not only in what lists show. */
import { collect } from "../bundle/byte-source.ts";
import { type Verdicts, withVerdict } from "../judge/verdict.ts";
import type { Blobs } from "../ports.ts";
import type { RunId } from "../wire/id.ts";
import { blobKey } from "../wire/key.ts";
import { type CaseFilter, matches } from "./directory.ts";
import { parseLine } from "./parse-line.ts";
import { scanSummaries } from "./scan.ts";
import type { StoredCase } from "./stored.ts";
import { searchText } from "./text.ts";
import { type CaseBlock, blocksWith } from "./word-index.ts";

/** Blocks a search reads before it gives what it has, and where to go on: some 8 MB. */
const maxBlocks = 32;

/**
 * The cases from `start` on in which the text occurs. Ends after a bounded amount of reading: the last thing it
 * gives is then where to go on, without a case.
 * @param query `q` in lower case
 */
export async function* searchCases(
  blobs: Pick<Blobs, "stream" | "get">,
  of: { readonly runId: RunId; readonly taskIndex: number; readonly verdicts: Verdicts },
  query: CaseFilter & { readonly q: string; readonly start: number },
): AsyncGenerator<{ readonly case?: StoredCase; readonly next: number }> {
  const { runId, taskIndex, verdicts } = of;
  const index = (await blobs.get(blobKey.cases(runId, taskIndex, "words"))) ?? new Uint8Array();
  let read = 0;
  for (const block of blocksWith(index, query.q)) {
    const [begin, end] = block.summaries;
    if (end <= query.start) continue;
    const start = Math.max(begin, query.start);
    if (read++ >= maxBlocks) {
      yield { next: start };
      return;
    }
    const textAt = await openBlock(blobs, blobKey.results(runId, taskIndex), block);
    const summaries = blobKey.cases(runId, taskIndex, "summary.jsonl");
    for await (const scanned of scanSummaries(blobs, summaries, { start, end, expected: end - start })) {
      const seen = withVerdict(verdicts, taskIndex, scanned.case);
      if (!matches(seen, query) || !textAt(...seen.at).includes(query.q)) continue;
      yield { case: seen, next: scanned.next };
    }
  }
}

/** The texts of a block's cases, by their place in `results.jsonl`. */
async function openBlock(
  blobs: Pick<Blobs, "stream">,
  key: string,
  { lines: [start, end] }: CaseBlock,
): Promise<(offset: number, length: number) => string> {
  const bytes = await collect(await blobs.stream(key, { start, end }), end - start);
  return (offset, length) => {
    const parsed = parseLine(bytes.subarray(offset - start, offset - start + length));
    return typeof parsed === "string" ? "" : searchText(parsed.line);
  };
}
