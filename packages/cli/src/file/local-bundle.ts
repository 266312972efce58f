/** A bundle on this machine, validated before anything is sent: findings at once, with the lines they are about. */
import { findingOf } from "@benchgen/core/bundle/finding-list.ts";
import type { BundleTree } from "@benchgen/core/bundle/tree.ts";
import { zipTree } from "@benchgen/core/bundle/tree.ts";
import { readBundle } from "@benchgen/core/bundle/read.ts";
import { openZip } from "@benchgen/core/bundle/zip-archive.ts";
import { InvalidInput } from "@benchgen/core/error.ts";
import { shellWord } from "@benchgen/core/shell-word.ts";
import { type Finding, hasErrors } from "@benchgen/core/wire/finding.ts";
import { directoryTree, fileSource } from "@benchgen/local/bundle-source.ts";
import { basename, dirname, join, resolve } from "node:path";
import type { Context } from "../context.ts";
import { CliError, exitCode } from "../error.ts";
import { renderFinding, summarizeFindings, type SourceLine } from "../output/finding.ts";
import { text } from "../output/text.ts";
import { kindOfPath } from "./package.ts";

export interface Checked {
  readonly valid: boolean;
  readonly findings: readonly Finding[];
  readonly sourceLine: SourceLine;
}

/** @throws CliError when there is nothing at the path that could be a bundle */
export async function checkBundle(path: string): Promise<Checked> {
  const kind = await kindOfPath(path);
  if (kind === "file" && basename(path) === "competition.yaml") {
    throw new CliError("not_a_bundle", `${path} is one file of a bundle.`, {
      hint: `Name the directory it is in: ${resolve(path, "..")}`,
    });
  }
  try {
    const tree =
      kind === "directory"
        ? await directoryTree(path)
        : zipTree(await openZip(await fileSource(path)), basename(path));
    const report = await readBundle(tree);
    const findings =
      kind === "directory" ? report.findings.map((finding) => inDirectory(path, finding)) : report.findings;
    const lines = await linesOf(tree, findings);
    return {
      valid: !hasErrors(findings),
      findings,
      sourceLine: (file, line) => Promise.resolve(lines(file, line)),
    };
  } catch (error) {
    // What cannot be opened at all is a finding like any other.
    if (!(error instanceof InvalidInput)) throw error;
    return { valid: false, findings: [findingOf(error)], sourceLine: () => Promise.resolve(undefined) };
  }
}

/** Prints findings to stderr. @throws CliError `bundle_invalid` when one of them is an error */
export async function requireValidBundle(context: Context, path: string): Promise<void> {
  const { valid, findings, sourceLine } = await checkBundle(path);
  if (!valid) {
    if (!context.out.json) {
      for (const finding of findings) context.out.complain(await renderFinding(finding, sourceLine));
    }
    throw new CliError("bundle_invalid", `${path} is not a valid bundle: ${summarizeFindings(findings)}.`, {
      exit: exitCode.failed,
      findings: context.out.json ? findings : [],
    });
  }
  if (findings.length > 0) {
    context.out.note(
      text`${path}: ${summarizeFindings(findings) ?? ""}; see them with: benchgen validate ${shellWord(path)}`,
    );
  }
}

/** What to do about a folder too many is another thing for a zip than for a directory. */
function inDirectory(path: string, finding: Finding): Finding {
  if (finding.code !== "bundle.wrapped" || finding.file === undefined) return finding;
  return { ...finding, hint: `Name the folder that holds it: ${join(path, dirname(finding.file))}` };
}

/** Longer files are not shown from: a manifest has at most a megabyte. */
const maxShownBytes = 2 * 1024 * 1024;

/** The text of every file that has a finding with a line. */
async function linesOf(
  tree: BundleTree,
  findings: readonly Finding[],
): Promise<(file: string, line: number) => string | undefined> {
  const texts = new Map<string, string[]>();
  for (const { file, line } of findings) {
    if (file === undefined || line === undefined || texts.has(file)) continue;
    texts.set(file, await readLines(tree, file));
  }
  return (file, line) => texts.get(file)?.[line - 1];
}

async function readLines(tree: BundleTree, file: string): Promise<string[]> {
  const found = tree.files.get(file);
  if (found === undefined || found.size > maxShownBytes) return [];
  const chunks: Uint8Array[] = [];
  for await (const chunk of await tree.open(file)) chunks.push(chunk);
  return new TextDecoder().decode(Buffer.concat(chunks)).split(/\r\n|\r|\n/);
}
