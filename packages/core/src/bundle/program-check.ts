/** A program: its metadata, the script its command runs, and the keys it writes. */
import { BenchgenError } from "../error.ts";
import { substitute } from "../job/command.ts";
import { collect } from "./byte-source.ts";
import type { Checked } from "./check.ts";
import { where } from "./check.ts";
import type { OpenedContent } from "./content.ts";
import { FindingList } from "./finding-list.ts";
import type { ProgramMetadata } from "./manifest.ts";
import type { Metadata } from "./metadata-schema.ts";
import { metadataSchema } from "./metadata-schema.ts";
import type { Resolved } from "./reference-check.ts";
import { checkSchema } from "./schema-finding.ts";
import { decodeText } from "./text.ts";
import { closest } from "./closest.ts";
import type { YamlDocument } from "./yaml-document.ts";
import { maxYamlBytes, readYaml } from "./yaml-document.ts";

/** In the order they are looked for. */
const metadataNames = ["metadata.yaml", "metadata"];

/** Reads a program's metadata; undefined, and errors, when it cannot be run as it says. */
export async function checkProgram(
  checked: Checked,
  resolved: Resolved,
  content: OpenedContent,
): Promise<ProgramMetadata | undefined> {
  const { findings } = checked;
  const at = where(checked, resolved.field);
  const { tree } = content;
  if (content.kind === "file") {
    findings.error("program.not_a_program", {
      message: `"${resolved.target.path}" is a single file; a program is a .zip or a directory.`,
      ...at,
      hint: "Name the directory of the script, with a metadata.yaml beside it.",
    });
    return undefined;
  }
  const name = metadataNames.find((candidate) => tree.files.has(candidate));
  if (name === undefined) {
    findings.error("program.metadata_missing", {
      message: `"${resolved.target.path}" has no metadata.yaml.`,
      ...at,
      hint: missingHint([...tree.files.keys()]),
    });
    return undefined;
  }
  const file = `${resolved.target.path}/${name}`;
  const metadata = await readMetadata(content, name, file, findings);
  if (metadata === undefined) return undefined;
  checkCommand(checked, metadata, { file, content, resolved });
  return toProgramMetadata(metadata.fields);
}

interface ReadMetadata {
  readonly fields: Metadata;
  readonly document: YamlDocument;
}

async function readMetadata(
  content: OpenedContent,
  name: string,
  file: string,
  findings: FindingList,
): Promise<ReadMetadata | undefined> {
  if (content.tree.files.get(name)!.size > maxYamlBytes) {
    findings.error("yaml.too_large", { message: `"${file}" is larger than ${maxYamlBytes} bytes.`, file });
    return undefined;
  }
  const text = decodeText(await collect(await content.tree.open(name), maxYamlBytes), file, findings);
  if (text === undefined) return undefined;
  const document = readYaml(text, file, findings);
  if (document.value === undefined) return undefined;
  if (typeof document.value !== "object" || document.value === null || Array.isArray(document.value)) {
    findings.error("program.command_missing", {
      message: `"${file}" has no \`command\`.`,
      file,
      hint: "Write: command: python3 score.py $input $output",
    });
    return undefined;
  }
  const ours = new FindingList();
  const { valid } = checkSchema({ schema: metadataSchema, document, file, findings: ours });
  for (const finding of ours.items) {
    const isCommand = finding.code === "schema.field_missing" && finding.path === "command";
    // Other platforms' keys in a program's metadata are nobody's mistake: they are left alone.
    if (finding.code === "schema.unknown_key" && finding.hint === undefined) continue;
    findings.items.push(
      isCommand
        ? {
            ...finding,
            code: "program.command_missing",
            message: `"${file}" has no \`command\`.`,
            hint: "Write: command: python3 score.py $input $output",
          }
        : finding,
    );
  }
  return valid === undefined ? undefined : { fields: valid, document };
}

/** Interpreters and the extensions that tell a script from other arguments. */
const scripts = /\.(py|pyc|sh|bash|r|jl|js|mjs|cjs|ts|pl|rb|php|lua|jar|ipynb|exe)$/i;

/** One command names few; what a longer list adds to the first of them is no news. */
const maxScripts = 20;

function checkCommand(
  { findings, guesses }: Pick<Checked, "findings" | "guesses">,
  metadata: ReadMetadata,
  { file, content, resolved }: { file: string; content: OpenedContent; resolved: Resolved },
): void {
  const at = { file, path: "command", ...metadata.document.mark(["command"]) };
  let argv: string[];
  try {
    argv = substitute(
      metadata.fields.command,
      resolved.role === "ingestion_program" ? "ingestion" : "scoring",
    );
  } catch (error) {
    if (!(error instanceof BenchgenError)) throw error;
    const hint = error.hint === undefined ? {} : { hint: error.hint };
    findings.error("program.command_unreadable", { message: error.message, ...at, ...hint });
    return;
  }
  const files = content.tree.files;
  for (const script of scriptsOf(argv).slice(0, maxScripts)) {
    if (files.has(script)) continue;
    const near = closest(script, files.keys(), guesses);
    const sameName = [...files.keys()].find((path) => path.endsWith(`/${script}`));
    const meant = sameName ?? near;
    findings.error("program.script_missing", {
      message: `The command runs "${script}", which is not in "${resolved.target.path}".`,
      ...at,
      hint: meant === undefined ? "Add the script, or correct the command." : `Did you mean \`${meant}\`?`,
    });
  }
}

/**
 * Files of the program that a command names as scripts: its first relative argument with a script's extension, and
 * every such path below /app/program. What a shell or a module (-m, -c) runs is not guessed.
 */
export function scriptsOf(argv: readonly string[]): string[] {
  const found = new Set<string>();
  for (const word of argv) {
    const inside = /^\/app\/(?:program|ingestion_program|scoring_program)\/+(.+)$/.exec(word)?.[1];
    if (inside !== undefined && scripts.test(inside)) found.add(normal(inside));
  }
  const first = argv.findIndex((word) => scripts.test(word));
  const before = argv.slice(0, first);
  const plain = first !== -1 && !before.some((word) => /^-\w*[cme]$/.test(word));
  if (plain && /^[\w.][^:=]*$/.test(argv[first]!) && !argv[first]!.startsWith("../"))
    found.add(normal(argv[first]!));
  return [...found];
}

function normal(path: string): string {
  return path.replace(/^(\.\/)+/, "").replace(/\/{2,}/g, "/");
}

function missingHint(files: readonly string[]): string {
  const deeper = files.find((path) => /^[^/]+\/metadata(\.yaml)?$/.test(path));
  if (deeper !== undefined) {
    const folder = deeper.slice(0, deeper.indexOf("/"));
    return `It is in the folder "${folder}": pack the program from inside that folder.`;
  }
  const near = files.find((path) => /^metadata\.\w+$/i.test(path) || /^metadata$/i.test(path));
  return near === undefined
    ? "Add a metadata.yaml with a line like: command: python3 score.py $input $output"
    : `Rename \`${near}\` to metadata.yaml.`;
}

function toProgramMetadata(fields: Metadata): ProgramMetadata {
  const { cpu, memory, disk, time } = fields.resources ?? {};
  return {
    command: fields.command,
    network: fields.network,
    resources: {
      ...(cpu === undefined ? {} : { cpus: cpu }),
      ...(memory === undefined ? {} : { memoryMb: memory }),
      ...(disk === undefined ? {} : { diskMb: disk }),
      ...(time === undefined ? {} : { timeSeconds: time }),
    },
    ...(fields.judge_model === undefined || fields.judge_model === false
      ? {}
      : { judgeModel: fields.judge_model }),
    ...(fields.scores === undefined ? {} : { scores: fields.scores }),
  };
}
