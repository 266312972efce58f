/** Reference data that a submission could read: files of `reference_data` that lie, byte for byte, in `input_data`. */
import { createHash } from "node:crypto";
import type { Checked } from "./check.ts";
import { where } from "./check.ts";
import type { OpenedContent } from "./content.ts";
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
  const bySize = new Map<number, string[]>();
  for (const [path, { size }] of input.tree.files) {
    if (size >= minBytes && !descriptive.test(path)) bySize.set(size, [...(bySize.get(size) ?? []), path]);
  }
  const hash = hasher();
  const equal: { reference: string; input: string }[] = [];
  for (const [path, file] of reference.tree.files) {
    if (descriptive.test(path)) continue;
    for (const candidate of bySize.get(file.size) ?? []) {
      const other = input.tree.files.get(candidate)!;
      const differ = file.crc32 !== undefined && other.crc32 !== undefined && file.crc32 !== other.crc32;
      if (differ || (await hash(reference, path)) !== (await hash(input, candidate))) continue;
      equal.push({ reference: path, input: candidate });
      break;
    }
  }
  return equal;
}

/** SHA-256 of a file, computed once. */
function hasher(): (content: OpenedContent, path: string) => Promise<string> {
  const known = new Map<OpenedContent, Map<string, string>>();
  return async (content, path) => {
    const ofContent = known.get(content) ?? new Map<string, string>();
    known.set(content, ofContent);
    const earlier = ofContent.get(path);
    if (earlier !== undefined) return earlier;
    const hash = createHash("sha256");
    for await (const chunk of await content.tree.open(path)) hash.update(chunk);
    const digest = hash.digest("hex");
    ofContent.set(path, digest);
    return digest;
  };
}
