/** Paths a document names, made comparable with the paths of the bundle's files. */

export type Reference = { readonly path: string } | { readonly problem: string; readonly hint: string };

/** `./data//train/` → `data/train`; a path that could not lie inside the bundle is a problem. */
export function readReference(written: string): Reference {
  const trimmed = written.trim().normalize("NFC");
  if (trimmed.includes("\\")) {
    return {
      problem: "is written with backslashes",
      hint: `Write it with slashes: ${trimmed.replaceAll("\\", "/")}`,
    };
  }
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(trimmed)) {
    return { problem: "is a URL", hint: "Put the file into the bundle and write its path." };
  }
  if (trimmed.startsWith("/") || /^[a-z]:/i.test(trimmed)) {
    return {
      problem: "is an absolute path",
      hint: "Write a path relative to the folder of competition.yaml.",
    };
  }
  const segments = trimmed.split("/").filter((segment) => segment !== "" && segment !== ".");
  if (segments.includes("..")) {
    return { problem: "leads out of the bundle", hint: "Put the file into the bundle and write its path." };
  }
  if (segments.length === 0) {
    return {
      problem: "is the whole bundle",
      hint: "Put the files into a folder of their own and name that folder.",
    };
  }
  return { path: segments.join("/") };
}

/** What lies at a path of the bundle. */
export type Target =
  | { readonly kind: "file"; readonly path: string }
  /** `files` are paths inside the bundle, sorted. */
  | { readonly kind: "directory"; readonly path: string; readonly files: readonly string[] };

/** Looks up paths in the bundle's files. */
export class FileIndex {
  readonly #files: ReadonlyMap<string, unknown>;
  readonly #empty: ReadonlySet<string>;
  readonly #sorted: readonly string[];
  /** A thousand fields may name one directory. */
  readonly #found = new Map<string, Target | undefined>();

  constructor(tree: {
    readonly files: ReadonlyMap<string, unknown>;
    readonly emptyDirectories?: ReadonlySet<string>;
  }) {
    this.#files = tree.files;
    this.#empty = tree.emptyDirectories ?? new Set();
    this.#sorted = [...tree.files.keys()].sort(compare);
  }

  /** Files in the bundle. */
  get size(): number {
    return this.#files.size;
  }

  find(path: string): Target | undefined {
    if (!this.#found.has(path)) this.#found.set(path, this.#look(path));
    return this.#found.get(path);
  }

  #look(path: string): Target | undefined {
    if (this.#files.has(path)) return { kind: "file", path };
    const files = this.under(path);
    return files.length > 0 || this.#empty.has(path) ? { kind: "directory", path, files } : undefined;
  }

  /** The files below a directory. */
  under(path: string): readonly string[] {
    const prefix = `${path}/`;
    const first = this.#firstAtOrAfter(prefix);
    let end = first;
    while (this.#sorted[end]?.startsWith(prefix) === true) end++;
    return this.#sorted.slice(first, end);
  }

  /** Files and directories, to guess which one was meant. */
  candidates(): Set<string> {
    const all = new Set<string>();
    // Enough for any manifest; a bundle of a hundred thousand files has most of them in data.
    for (const file of this.#sorted.slice(0, 20_000)) {
      all.add(file);
      for (let slash = file.indexOf("/"); slash !== -1; slash = file.indexOf("/", slash + 1))
        all.add(file.slice(0, slash));
    }
    return all;
  }

  #firstAtOrAfter(text: string): number {
    let [low, high] = [0, this.#sorted.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compare(this.#sorted[middle]!, text) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** By UTF-16 code units: the order in which all paths with one prefix are neighbours. */
function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
