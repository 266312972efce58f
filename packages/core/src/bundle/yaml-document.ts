/**
 * YAML a stranger wrote, as plain values with their positions. The nodes are converted here rather than by the
 * library, so that aliases are bounded, duplicate keys are found in linear time, merge keys of older writers work,
 * and no key can reach a prototype.
 */
import { LineCounter, isAlias, isMap, isPair, isScalar, isSeq, parseDocument } from "yaml";
import type { Node, Pair, YAMLMap } from "yaml";
import type { FindingDetail, FindingList } from "./finding-list.ts";
import { indentQuoted } from "./yaml-quote.ts";
import { syntaxFinding } from "./yaml-syntax.ts";

export type YamlPath = readonly (string | number)[];

/** From 1. */
export interface Mark {
  readonly line: number;
  readonly column: number;
}

export interface YamlDocument {
  /** Mappings have no prototype; null for an empty document. Undefined when it could not be read. */
  readonly value: unknown;
  /** Where the value at the path stands, or its key; of what is not there, the nearest that contains it. */
  mark(path: YamlPath, part?: "key" | "value"): Mark | undefined;
}

export const maxYamlBytes = 1024 * 1024;
const maxNodes = 100_000;
const maxDepth = 64;
/** The hundredth of a kind tells a reader nothing the first did not. */
const maxRepeats = 50;

/** Reads the one document of a text; what is wrong with it goes to `findings`. */
export function readYaml(text: string, file: string, findings: FindingList): YamlDocument {
  const { document, lines } = parse(text);
  const markAt = (offset: number): Mark => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  if (document.errors.length > 0) {
    // A first mistake makes the parser see others that are none: one a line, and few.
    const seen = new Set<number>();
    for (const error of document.errors) {
      const mark = markAt(error.pos[0]);
      if (seen.has(mark.line) || seen.size === 3) continue;
      seen.add(mark.line);
      findings.error("yaml.syntax", { file, ...mark, ...syntaxFinding(error, text, mark.line) });
    }
    return { value: undefined, mark: () => undefined };
  }
  const reader = new NodeReader(file, findings, markAt);
  const value = reader.read(document.contents);
  return { value, mark: (path, part = "value") => reader.mark(document.contents, path, part) };
}

/** Characters parsed again, at most, to read what a less strict reader reads: parsing what is wrong is slow. */
const repairBudget = maxYamlBytes / 8;

function parse(text: string): { document: ReturnType<typeof parseDocument>; lines: LineCounter } {
  const original = parseOnce(text);
  let repaired = { text, start: -1 };
  let parsed = original;
  for (let left = repairBudget - text.length; left >= 0; left -= repaired.text.length) {
    const error = parsed.document.errors[0];
    if (error === undefined) return parsed;
    const next = indentQuoted(repaired.text, error);
    // One after the other: what did not help once does not help again.
    if (next === undefined || next.start <= repaired.start) break;
    repaired = next;
    parsed = parseOnce(repaired.text);
  }
  // Positions in the repaired text would not be the author's.
  return parsed.document.errors.length === 0 ? parsed : original;
}

function parseOnce(text: string): ReturnType<typeof parse> {
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    // The check built into the library compares each key with every other.
    uniqueKeys: false,
    merge: false,
    // Said here, they outrank a %YAML directive in the text.
    version: "1.2",
    schema: "core",
    // "silent" would also keep quiet about a second document.
    logLevel: "error",
  });
  return { document, lines };
}

class Unreadable extends Error {}

class NodeReader {
  readonly #file: string;
  readonly #findings: FindingList;
  readonly #markAt: (offset: number) => Mark;
  readonly #anchors = new Map<string, Node>();
  readonly #targets = new Map<Node, Node>();
  readonly #open = new Set<Node>();
  readonly #duplicates = new Set<Pair>();
  #nodes = 0;

  constructor(file: string, findings: FindingList, markAt: (offset: number) => Mark) {
    this.#file = file;
    this.#findings = findings;
    this.#markAt = markAt;
  }

  read(root: Node | null): unknown {
    try {
      return this.#value(root, 0);
    } catch (error) {
      if (error instanceof Unreadable) return undefined;
      throw error;
    }
  }

  /** Walks the path through the nodes themselves: positions are needed for a few, and would take memory for all. */
  mark(root: Node | null, path: YamlPath, part: "key" | "value"): Mark | undefined {
    let node = root;
    let found: Node | null = root;
    for (const [index, step] of path.entries()) {
      const container = this.#resolved(node);
      let key: Node | null = null;
      if (isMap(container)) {
        const pair = this.#pairOf(container, String(step));
        key = (pair?.key ?? null) as Node | null;
        node = (pair?.value ?? null) as Node | null;
        if (pair === undefined) break;
      } else if (isSeq(container) && container.items[Number(step)] !== undefined) {
        node = container.items[Number(step)] as Node;
      } else break;
      found = (part === "key" && index === path.length - 1 ? key : null) ?? node ?? key ?? found;
    }
    return found?.range == null ? undefined : this.#markAt(found.range[0]);
  }

  #pairOf(map: YAMLMap, key: string): Pair | undefined {
    return map.items.findLast((pair) => isScalar(pair.key) && keyText(pair.key.value) === key);
  }

  #resolved(node: Node | null): Node | null {
    return node !== null && isAlias(node) ? (this.#targets.get(node) ?? null) : node;
  }

  #value(node: unknown, depth: number): unknown {
    if (node === null || node === undefined) return null;
    this.#nodes++;
    if (this.#nodes > maxNodes) {
      this.#fail(node as Node, "yaml.too_large", {
        message: `The document has more than ${maxNodes} values once its aliases are expanded.`,
        hint: "Move large texts and tables into files of their own.",
      });
    }
    if (depth > maxDepth) {
      this.#fail(node as Node, "yaml.too_deep", {
        message: `Values are nested more than ${maxDepth} levels deep.`,
      });
    }
    if (isAlias(node)) return this.#alias(node.source, node, depth);
    const anchor = (node as { anchor?: string }).anchor;
    if (anchor !== undefined) this.#anchors.set(anchor, node as Node);
    if (isScalar(node)) return plain(node.value, node.source);
    this.#open.add(node as Node);
    const value = isMap(node)
      ? this.#mapping(node, depth)
      : isSeq(node)
        ? node.items.map((item) => this.#value(isPair(item) ? item.value : item, depth + 1))
        : null;
    this.#open.delete(node as Node);
    return value;
  }

  #alias(name: string, alias: Node, depth: number): unknown {
    // Seen again inside another alias, it still means what it meant where it stands.
    const target = this.#targets.get(alias) ?? this.#anchors.get(name);
    if (target === undefined) {
      this.#fail(alias, "yaml.alias_unknown", {
        message: `Nothing is anchored as "&${name}" before "*${name}".`,
        hint: `If it is text, write it in quotes: "*${name}"`,
      });
    }
    if (this.#open.has(target)) {
      this.#fail(alias, "yaml.alias_recursive", { message: `The alias "*${name}" contains itself.` });
    }
    this.#targets.set(alias, target);
    return this.#value(target, depth + 1);
  }

  #mapping(map: YAMLMap, depth: number): Record<string, unknown> {
    const result = Object.create(null) as Record<string, unknown>;
    const merged: unknown[] = [];
    for (const pair of map.items) {
      if (!isScalar(pair.key)) {
        const at = (pair.key ?? pair.value ?? map) as Node;
        this.#fail(at, "yaml.key", { message: "A key must be a plain word, not a list or a mapping." });
      }
      const key = keyText(pair.key.value);
      const value = this.#value(pair.value, depth + 1);
      if (key === "__proto__") {
        this.#note(pair, `The key "__proto__" is ignored.`, "yaml.key_ignored", "Choose another name.");
      } else if (key === "<<") {
        merged.push(...(Array.isArray(value) ? value : [value]));
      } else {
        if (key in result) {
          const hint = "Keep one of them: the last one counts.";
          this.#note(pair, `"${key}" is given twice in one mapping.`, "yaml.duplicate_key", hint);
        }
        result[key] = value;
      }
    }
    for (const source of merged) {
      if (typeof source !== "object" || source === null) continue;
      for (const [key, value] of Object.entries(source)) if (!(key in result)) result[key] = value;
    }
    return result;
  }

  #note(pair: Pair, message: string, code: string, hint: string): void {
    if (this.#duplicates.has(pair) || this.#duplicates.size === maxRepeats) return;
    this.#duplicates.add(pair);
    const range = (pair.key as Node).range;
    this.#findings.warning(code, { message, file: this.#file, ...this.#markAt(range?.[0] ?? 0), hint });
  }

  #fail(node: Node, code: string, detail: FindingDetail): never {
    const mark = node.range == null ? {} : this.#markAt(node.range[0]);
    this.#findings.error(code, { file: this.#file, ...mark, ...detail });
    throw new Unreadable(detail.message);
  }
}

function keyText(key: unknown): string {
  return typeof key === "string" ? key : key === null ? "" : `${key as number | boolean}`;
}

/** Explicit tags such as !!binary make objects; only what JSON also has is wanted. */
function plain(value: unknown, source: string | undefined): unknown {
  if (typeof value === "bigint") return Number(value);
  return typeof value === "object" && value !== null ? (source ?? "") : value;
}

/** `tasks[0].scoring_program` */
export function formatPath(path: YamlPath): string {
  return path.reduce<string>(
    (text, step) => (typeof step === "number" ? `${text}[${step}]` : text === "" ? step : `${text}.${step}`),
    "",
  );
}
