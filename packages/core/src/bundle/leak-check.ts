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

/** Warns when a file of the reference data is given to submissions. */
export async function checkLeak(checked: Checked, data: TaskData): Promise<void> {
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
  const leaked = await equalFiles(data.reference, data.input);
  const first = leaked[0];
  if (first === undefined) return;
  const others = leaked.length === 1 ? "" : `, and ${leaked.length - 1} more`;
  checked.findings.warning("bundle.leak", {
    message: `Task ${data.task} gives reference data to submissions: "${first.reference}" is "${first.input}" of its input_data${others}.`,
    ...at,
    hint,
  });
}

async function equalFiles(
  reference: OpenedContent,
  input: OpenedContent,
): Promise<{ reference: string; input: string }[]> {
  // Where both know checksums, equal sizes and checksums are all but proof; where one is a plain directory, only sizes tell.
  const checksums = hasChecksums(reference.tree) && hasChecksums(input.tree);
  const keyOf = (file: TreeFile): string => `${file.size} ${checksums ? file.crc32 : ""}`;
  const candidates = new Map<string, string[]>();
  for (const [path, file] of input.tree.files) {
    if (file.size < minBytes || descriptive.test(path)) continue;
    const same = candidates.get(keyOf(file));
    if (same === undefined) candidates.set(keyOf(file), [path]);
    else same.push(path);
  }
  // Reading a file of a large deflated zip may mean inflating all of it: there the checksums must do.
  const cheap = reference.random && input.random;
  const digests = new Map<string, Map<string, string>>();
  const equal: { reference: string; input: string }[] = [];
  for (const [path, file] of reference.tree.files) {
    const key = keyOf(file);
    const paths = candidates.get(key);
    if (paths === undefined || descriptive.test(path)) continue;
    if (checksums && !cheap) {
      equal.push({ reference: path, input: paths[0]! });
      continue;
    }
    let byDigest = digests.get(key);
    if (byDigest === undefined) digests.set(key, (byDigest = await digestsOf(input.tree, paths)));
    const found = byDigest.get(await digestOf(reference.tree, path));
    if (found !== undefined) equal.push({ reference: path, input: found });
  }
  return equal;
}

function hasChecksums(tree: BundleTree): boolean {
  for (const { crc32 } of tree.files.values()) if (crc32 === undefined) return false;
  return true;
}

async function digestsOf(tree: BundleTree, paths: readonly string[]): Promise<Map<string, string>> {
  const digests = new Map<string, string>();
  for (const path of paths) digests.set(await digestOf(tree, path), path);
  return digests;
}

async function digestOf(tree: BundleTree, path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of await tree.open(path)) hash.update(chunk);
  return hash.digest("hex");
}
