/** Reading a bundle: everything that is wrong with it at once, and what it says when nothing is. */
import { InvalidInput } from "../error.ts";
import type { Finding } from "../wire/finding.ts";
import { buildManifest } from "./build-manifest.ts";
import { collect } from "./byte-source.ts";
import type { Checked } from "./check.ts";
import { newChecked, where } from "./check.ts";
import { checkCompetition } from "./competition-check.ts";
import type { Competition } from "./competition-schema.ts";
import { readCompetition } from "./competition-read.ts";
import type { EntryBudget, OpenedContent } from "./content.ts";
import { openContent } from "./content.ts";
import { FindingList } from "./finding-list.ts";
import { checkIntegrity, hintOf, nestedChecker } from "./integrity-check.ts";
import { leakChecker } from "./leak-check.ts";
import { findManifest } from "./locate.ts";
import type { Manifest, ProgramMetadata } from "./manifest.ts";
import { checkPages } from "./page-check.ts";
import { checkProgram } from "./program-check.ts";
import type { Resolved } from "./reference-check.ts";
import { namedPaths, resolvePaths } from "./reference-check.ts";
import { FileIndex } from "./reference.ts";
import type { Partially } from "./schema-finding.ts";
import { checkScoreKeys } from "./score-key-check.ts";
import { decodeText } from "./text.ts";
import type { BundleTree } from "./tree.ts";
import { maxYamlBytes, readYaml } from "./yaml-document.ts";

export interface BundleReport {
  /** Errors first, then by file and position. */
  readonly findings: Finding[];
  /** Present exactly when there is no error. */
  readonly manifest?: Manifest;
  /** The metadata of each scoring and ingestion program, by the path the manifest names it with. */
  readonly programs: Record<string, ProgramMetadata>;
}

/**
 * Reads and checks a whole bundle. What is wrong with the bundle is a finding, never an exception.
 * @throws PlatformFault when the bundle's source fails
 */
export async function readBundle(tree: BundleTree): Promise<BundleReport> {
  const findings = new FindingList();
  // Without a prototype: a program may lie in a directory called __proto__.
  const programs = Object.create(null) as Record<string, ProgramMetadata>;
  for (const problem of tree.problems ?? []) {
    findings.error(problem.code, { message: problem.message, ...hintOf(problem) });
  }
  const { damaged } = await checkIntegrity(tree, findings);
  const file = findManifest(tree, findings);
  let competition: Competition | undefined;
  try {
    if (file !== undefined) competition = await checkDocument(tree, file, { findings, programs });
  } catch (error) {
    // A file that cannot be read ends the checks that need it; where it is damaged, that has been said.
    if (!(error instanceof InvalidInput)) throw error;
    if (!damaged) findings.error(error.code, { message: error.message, ...hintOf(error) });
  }
  const sorted = findings.sorted();
  if (competition === undefined || findings.hasErrors) return { findings: sorted, programs };
  return { findings: sorted, manifest: buildManifest(competition), programs };
}

async function checkDocument(
  tree: BundleTree,
  file: string,
  { findings, programs }: { findings: FindingList; programs: Record<string, ProgramMetadata> },
): Promise<Competition | undefined> {
  if (tree.files.get(file)!.size > maxYamlBytes) {
    findings.error("yaml.too_large", {
      message: `"${file}" is larger than ${maxYamlBytes} bytes.`,
      file,
      hint: "Move long texts into pages of their own.",
    });
    return undefined;
  }
  const text = decodeText(await collect(await tree.open(file), maxYamlBytes), file, findings);
  if (text === undefined) return undefined;
  const checked = newChecked(readYaml(text, file, findings), file, findings);
  const read = readCompetition(checked);
  if (read === undefined) return undefined;
  checkCompetition(checked, read.partial);
  const resolved = resolvePaths(checked, namedPaths(read.partial), new FileIndex(tree));
  await checkPages(checked, tree, resolved);
  await checkContents({ checked, tree, competition: read.partial, programs }, resolved);
  return read.valid;
}

interface Contents {
  readonly checked: Checked;
  readonly tree: BundleTree;
  readonly competition: Partially<Competition>;
  readonly programs: Record<string, ProgramMetadata>;
}

/** Programs and data: each path opened and checked once, however many fields name it. */
async function checkContents(contents: Contents, resolved: readonly Resolved[]): Promise<void> {
  const { checked, programs } = contents;
  const opened = new Map<string, OpenedContent | undefined>();
  const checkNested = nestedChecker();
  const budget: EntryBudget = { entries: 400_000 };
  const done = new Set<string>();
  for (const item of resolved) {
    const { role, field, target } = item;
    if (role === "page" || role === "image") continue;
    if (!opened.has(target.path)) {
      const at = where(checked, field);
      opened.set(target.path, await open(contents, item, budget));
      const damage = await checkNested(opened.get(target.path) ?? unopened);
      if (damage !== undefined) {
        const message = `"${target.path}": ${damage.message}`;
        checked.findings.error(damage.code, { message, ...at, ...hintOf(damage) });
        opened.set(target.path, undefined);
      }
    }
    const content = opened.get(target.path);
    const key = `${role} ${target.path}`;
    if (content === undefined || done.has(key)) continue;
    done.add(key);
    if (role === "solution" && content.kind === "file") refuseFile(checked, item);
    if (role !== "scoring_program" && role !== "ingestion_program") continue;
    const metadata = await checkProgram(checked, item, content);
    if (metadata === undefined) continue;
    programs[target.path] = metadata;
    if (role === "scoring_program") {
      await checkScoreKeys(checked, contents.competition, { path: target.path, metadata, content });
    }
  }
  await checkLeaks(contents, resolved, opened);
}

function refuseFile(checked: Checked, { field, target }: Resolved): void {
  checked.findings.error("bundle.solution_not_a_zip", {
    message: `"${target.path}" is a single file; a solution is a .zip or a directory, as a submission is.`,
    ...where(checked, field),
    hint: "Put the file into a directory of its own, and name that directory.",
  });
}

const unopened: OpenedContent = {
  kind: "file",
  tree: { name: "", files: new Map(), open: () => Promise.reject(new Error("nothing to open")) },
  random: true,
};

async function open(
  { checked, tree }: Contents,
  { field, target }: Resolved,
  budget: EntryBudget,
): Promise<OpenedContent | undefined> {
  try {
    return await openContent(tree, target, budget);
  } catch (error) {
    if (!(error instanceof InvalidInput)) throw error;
    const message = `"${target.path}": ${error.message}`;
    checked.findings.error(error.code, { message, ...where(checked, field), ...hintOf(error) });
    return undefined;
  }
}

async function checkLeaks(
  { checked, competition }: Contents,
  resolved: readonly Resolved[],
  opened: ReadonlyMap<string, OpenedContent | undefined>,
): Promise<void> {
  const contentOf = (
    role: string,
    position: number,
  ): { resolved: Resolved; content: OpenedContent } | undefined => {
    const found = resolved.find(({ role: other, field }) => other === role && field[1] === position);
    const content = found === undefined ? undefined : opened.get(found.target.path);
    return found === undefined || content === undefined ? undefined : { resolved: found, content };
  };
  const checkLeak = leakChecker(checked);
  for (const [position, task] of (competition.tasks ?? []).entries()) {
    const input = contentOf("input_data", position);
    const reference = contentOf("reference_data", position);
    if (input === undefined || reference === undefined) continue;
    await checkLeak({
      field: input.resolved.field,
      task: task?.index ?? position,
      input: input.content,
      reference: reference.content,
    });
  }
}
