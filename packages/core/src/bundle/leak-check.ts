/** Reference data that a submission could read: files of `reference_data` that lie, byte for byte, in `input_data`. */
import { createHash } from "node:crypto";
import type { Checked } from "./check.ts";
import { where } from "./check.ts";
import type { OpenedContent } from "./content.ts";
import type { BundleTree, TreeFile } from "./tree.ts";
import type { YamlPath } from "./yaml-document.ts";

/** Files that describe data and are rightly in both places. */
const descriptive = /(^|\/)(readme|licen[cs]e|metadata|__init__|\.gitkeep|\.gitignore)[^/]*$/i;
/** Shorter contents are equal by chance. */
const minBytes = 16;

export interface TaskData {
  /** Of the task's `input_data`. */
  readonly field: YamlPath;
  readonly task: number;
  readonly input: OpenedContent;
  readonly reference: OpenedContent;
}

/** Warns, task by task, when a file of the reference data is given to submissions. */
export function leakChecker(checked: Checked): (data: TaskData) => Promise<void> {
  const equal = new EqualFiles();
  return async (data) => checkTask(checked, equal, data);
}

async function checkTask(checked: Checked, equal: EqualFiles, data: TaskData): Promise<void> {
  const at = where(checked, data.field);
  const hint = "Submissions read input_data: leave the answers out of it.";
  if (data.input.tree.name === data.reference.tree.name) {
    checked.findings.warning("bundle.leak", {
      message: `Task ${data.task} gives its reference data to submissions: input_data and reference_data are the same.`,
      ...at,
      hint: "That is fine when the scoring program needs no more than submissions see; else name other reference_data.",
    });
    return;
  }
  const leaked = await equal.between(data.reference, data.input);
  const first = leaked[0];
  if (first === undefined) return;
  const others = leaked.length === 1 ? "" : `, and ${leaked.length - 1} more`;
  checked.findings.warning("bundle.leak", {
    message: `Task ${data.task} gives reference data to submissions: "${first.reference}" is "${first.input}" of its input_data${others}.`,
    ...at,
    hint,
  });
}

interface EqualPair {
  readonly reference: string;
  readonly input: string;
}

/** A thousand tasks may have the same data: each pair is compared once, and each file read once. */
class EqualFiles {
  readonly #found = new Map<string, Promise<readonly EqualPair[]>>();
  /** By tree, which is called by its path in the bundle, and by file. */
  readonly #digests = new Map<string, Map<string, string>>();

  between(reference: OpenedContent, input: OpenedContent): Promise<readonly EqualPair[]> {
    const pair = JSON.stringify([reference.tree.name, input.tree.name]);
    const found = this.#found.get(pair) ?? this.#compare(reference, input);
    this.#found.set(pair, found);
    return found;
  }

  async #compare(reference: OpenedContent, input: OpenedContent): Promise<EqualPair[]> {
    // Where both know checksums, equal sizes and checksums are all but proof; where one is a plain directory, only sizes tell.
    const checksums = hasChecksums(reference.tree) && hasChecksums(input.tree);
    const keyOf = (file: TreeFile): string => `${file.size} ${checksums ? file.crc32 : ""}`;
    const candidates = candidatesOf(input.tree, keyOf);
    // Reading a file of a large deflated zip may mean inflating all of it: there the checksums must do.
    const cheap = reference.random && input.random;
    const inputs = new Map<string, Map<string, string>>();
    const equal: EqualPair[] = [];
    for (const [path, file] of reference.tree.files) {
      const key = keyOf(file);
      const paths = candidates.get(key);
      if (paths === undefined || descriptive.test(path)) continue;
      if (checksums && !cheap) {
        equal.push({ reference: path, input: paths[0]! });
        continue;
      }
      const byDigest = inputs.get(key) ?? (await this.#byDigest(input.tree, paths));
      inputs.set(key, byDigest);
      const found = byDigest.get(await this.#digestOf(reference.tree, path));
      if (found !== undefined) equal.push({ reference: path, input: found });
    }
    return equal;
  }

  async #byDigest(tree: BundleTree, paths: readonly string[]): Promise<Map<string, string>> {
    const byDigest = new Map<string, string>();
    for (const path of paths) byDigest.set(await this.#digestOf(tree, path), path);
    return byDigest;
  }

  async #digestOf(tree: BundleTree, path: string): Promise<string> {
    const known = this.#digests.get(tree.name) ?? new Map<string, string>();
    this.#digests.set(tree.name, known);
    const digest = known.get(path) ?? (await sha256Of(tree, path));
    known.set(path, digest);
    return digest;
  }
}

/** The files that could be equal to another, by what they would have in common with it. */
function candidatesOf(tree: BundleTree, keyOf: (file: TreeFile) => string): Map<string, string[]> {
  const candidates = new Map<string, string[]>();
  for (const [path, file] of tree.files) {
    if (file.size < minBytes || descriptive.test(path)) continue;
    const same = candidates.get(keyOf(file));
    if (same === undefined) candidates.set(keyOf(file), [path]);
    else same.push(path);
  }
  return candidates;
}

function hasChecksums(tree: BundleTree): boolean {
  for (const { crc32 } of tree.files.values()) if (crc32 === undefined) return false;
  return true;
}

async function sha256Of(tree: BundleTree, path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of await tree.open(path)) hash.update(chunk);
  return hash.digest("hex");
}
