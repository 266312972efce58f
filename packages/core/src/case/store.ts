/** Makes of a task's `results.jsonl` what lists, look-ups and searches read. In memory of about 300 bytes a case. */
import { chunks } from "../bundle/byte-source.ts";
import { type CaseUsage, usageByCase } from "../gateway/gather.ts";
import type { Ports } from "../ports.ts";
import type { RunId } from "../wire/id.ts";
import { type CasePart, blobKey } from "../wire/key.ts";
import type { Finding } from "../wire/finding.ts";
import { ColumnWriter } from "./column-writer.ts";
import { type CaseDirectory, type CaseSection, SectionCounter } from "./directory.ts";
import { type SummaryPlace, buildIdIndex, caseHash } from "./id-index.ts";
import { countOutcome, noCases } from "./outcome.ts";
import { withMeasured } from "./measured.ts";
import { type ReadCase, lineFinding, readCases, resultsFile } from "./read.ts";
import { splitLines } from "./line.ts";
import { toStored } from "./stored.ts";
import { searchText } from "./text.ts";
import { WordIndexBuilder } from "./word-index.ts";

/** Of one task. What follows them is reported and passed over. */
const maxCases = 2_000_000;
/** Findings of each level that are kept, so that no number of warnings hides a line that is lost; all are counted. */
const maxFindings = 100;
/** Of fewer bytes of summaries there are no sections: to read all of them costs no more than to find some. */
const sectionsFrom = 256 * 1024;

interface TaskCases {
  readonly runId: RunId;
  readonly taskIndex: number;
}

/** Reads the stored `results.jsonl` and stores what is made of it. Repeating it stores the same. */
export async function storeCases(
  ports: Pick<Ports, "blobs">,
  { runId, taskIndex }: TaskCases,
): Promise<CaseDirectory> {
  const key = (part: CasePart) => blobKey.cases(runId, taskIndex, part);
  const writer = new CaseWriter(await usageByCase(ports, runId, taskIndex));
  const results = await ports.blobs.stream(blobKey.results(runId, taskIndex));
  await ports.blobs.put(key("summary.jsonl"), writer.summaries(results), {
    contentType: "application/jsonl",
  });
  await ports.blobs.put(key("ids"), await buildIdIndex(writer.places));
  await ports.blobs.put(key("words"), chunks(writer.words));
  await ports.blobs.put(key("columns"), chunks(writer.columns));
  const problems = Buffer.from(JSON.stringify(writer.findings));
  await ports.blobs.put(key("problems.json"), problems, { contentType: "application/json" });
  const directory = writer.directory();
  if (directory.bytes < sectionsFrom) return directory;
  const sections: CaseSection[] = [];
  for (const [position, section] of directory.sections.entries()) {
    // One that has all cases, or none, would save nothing.
    const worthwhile = section.count > 0 && section.count < directory.counts.total;
    const bytes = worthwhile
      ? await storeSection(ports, key("summary.jsonl"), key(`section-${position}.jsonl`), (at) =>
          writer.sections.has(at, section),
        )
      : undefined;
    sections.push(bytes === undefined ? section : { ...section, bytes });
  }
  return { ...directory, sections };
}

/** What is stored of a `results.jsonl` that is too large to be read: that it is. */
export async function storeUnread(
  ports: Pick<Ports, "blobs">,
  { runId, taskIndex }: TaskCases,
  size: number,
  maxBytes: number,
): Promise<CaseDirectory> {
  const finding: Finding = {
    level: "error",
    code: "case.file_too_large",
    file: resultsFile,
    message: `results.jsonl has ${size} bytes and is not read: at most ${maxBytes} are.`,
  };
  await ports.blobs.put(
    blobKey.cases(runId, taskIndex, "problems.json"),
    Buffer.from(JSON.stringify([finding])),
    { contentType: "application/json" },
  );
  const none = { counts: noCases, bytes: 0, ...new SectionCounter().result() };
  return { ...none, problems: { lost: 1, findings: 1 } };
}

/** @param isIn whether the summary at that position, from 0, is in the section: to parse all of them again takes longer */
async function storeSection(
  { blobs }: Pick<Ports, "blobs">,
  from: string,
  to: string,
  isIn: (position: number) => boolean,
): Promise<number> {
  let bytes = 0;
  async function* matching(): AsyncGenerator<Uint8Array> {
    for await (const line of splitLines(await blobs.stream(from), Number.POSITIVE_INFINITY)) {
      if (line.bytes === undefined || !isIn(line.number - 1)) continue;
      const whole = Buffer.concat([line.bytes, Buffer.from("\n")]);
      bytes += whole.length;
      yield whole;
    }
  }
  await blobs.put(to, inChunks(matching()), { contentType: "application/jsonl" });
  return bytes;
}

class CaseWriter {
  readonly places = new Map<string, SummaryPlace & { readonly line: number }>();
  readonly words: Uint8Array[] = [];
  readonly columns: Uint8Array[] = [];
  readonly sections = new SectionCounter();
  readonly #findings: Readonly<Record<Finding["level"], Finding[]>> = { error: [], warning: [] };
  readonly #words = new WordIndexBuilder();
  readonly #columns = new ColumnWriter();
  #counts = noCases;
  #bytes = 0;
  #problems = { lost: 0, findings: 0 };
  readonly #measured: ReadonlyMap<string, CaseUsage>;

  /** @param measured by the gateway, of the task's cases */
  constructor(measured: ReadonlyMap<string, CaseUsage>) {
    this.#measured = measured;
  }

  /** The summaries' blob, while everything else is gathered. */
  async *summaries(results: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    yield* inChunks(this.#lines(results));
    push(this.words, this.#words.end());
    push(this.columns, this.#columns.end());
  }

  async *#lines(results: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const found of readCases(results, (finding) => this.#report(finding))) {
      const hash = caseHash(found.line.id, found.line.epoch);
      const twin = this.places.get(hash);
      if (twin !== undefined) {
        this.#report(duplicate(found, twin.line));
      } else if (this.places.size >= maxCases) {
        this.#report(
          lineFinding(found, "case.too_many", `is not read: there are more than ${maxCases} cases`),
        );
      } else {
        yield this.#keep(found, hash);
      }
    }
  }

  #keep(found: ReadCase, hash: string): Uint8Array {
    const { number: line, offset, length } = found;
    const seen = withMeasured(found, this.#measured);
    const stored = toStored(seen.line, seen, { line, at: [offset, length] });
    const bytes = Buffer.from(`${JSON.stringify(stored)}\n`);
    const start = this.#bytes;
    this.#bytes += bytes.length;
    this.places.set(hash, { offset: start, length: bytes.length, line });
    const block = { summaries: [start, this.#bytes], lines: [offset, offset + length] } as const;
    push(this.words, this.#words.add(searchText(found.line), block));
    push(this.columns, this.#columns.add(stored, bytes.length));
    this.#counts = countOutcome(this.#counts, stored.outcome);
    this.sections.add(stored);
    return bytes;
  }

  #report(finding: Finding): void {
    this.#problems.findings++;
    if (finding.level === "error") this.#problems.lost++;
    const alike = this.#findings[finding.level];
    if (alike.length < maxFindings) alike.push(finding);
  }

  /** Those that cost a case first. */
  get findings(): readonly Finding[] {
    return [...this.#findings.error, ...this.#findings.warning];
  }

  directory(): CaseDirectory {
    return {
      counts: this.#counts,
      bytes: this.#bytes,
      ...this.sections.result(),
      problems: this.#problems,
    };
  }
}

function push(pieces: Uint8Array[], piece: Uint8Array | undefined): void {
  if (piece !== undefined) pieces.push(piece);
}

function duplicate({ number, line }: ReadCase, first: number): Finding {
  const id = JSON.stringify(line.id.slice(0, 100));
  const what = `repeats id ${id}, epoch ${line.epoch}, of line ${first}; the first is kept`;
  return {
    ...lineFinding({ number }, "case.duplicate", what),
    hint: 'Give every case of a task its own id, and every repeat its own "epoch".',
  };
}

/** Small pieces joined: a store takes few large ones faster. */
async function* inChunks(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let held: Uint8Array[] = [];
  let bytes = 0;
  for await (const piece of pieces) {
    held.push(piece);
    bytes += piece.length;
    if (bytes < 64 * 1024) continue;
    yield Buffer.concat(held, bytes);
    [held, bytes] = [[], 0];
  }
  if (bytes > 0) yield Buffer.concat(held, bytes);
}
