import { isJunk } from "../bundle/tree.ts";
import type { ZipArchive } from "../bundle/zip-archive.ts";
import type { Finding } from "../wire/finding.ts";

// What an ingestion program could run or import. A notebook is a document, not a program.
const codeFile = /\.(py|pyc|pyx|so|r|jl|js|mjs|cjs|ts|sh|rb|pl|lua|java|class|jar|go|rs|c|cc|cpp|wasm|m)$/i;

/**
 * What a submission's zip tells without being read: whether it is usable at all, and whether it holds code.
 * Only the ingestion program knows more.
 */
export function inspectSubmission(
  archive: Pick<ZipArchive, "entries">,
  filename: string,
): { findings: Finding[]; holdsCode: boolean } {
  const files = archive.entries.filter((entry) => entry.kind === "file" && !isJunk(entry.path));
  if (files.length === 0) {
    const finding: Finding = {
      level: "error",
      code: "submission.empty",
      message: `${filename} holds no files.`,
      hint: "Zip the files themselves: zip -r submission.zip predictions.csv",
    };
    return { findings: [finding], holdsCode: false };
  }
  const tops = new Set(files.map((entry) => entry.path.split("/")[0]));
  const wrapped = tops.size === 1 && files.every((entry) => entry.path.includes("/"));
  const findings: Finding[] = wrapped
    ? [
        {
          level: "warning",
          code: "submission.wrapped",
          message: `Everything in ${filename} is inside one folder, "${[...tops][0]}"; programs usually look at the top level.`,
          hint: "Zip the folder's contents instead: (cd folder && zip -r ../submission.zip .)",
        },
      ]
    : [];
  const holdsCode = files.some((entry) => codeFile.test(entry.path) || isMetadata(entry.path));
  return { findings, holdsCode };
}

function isMetadata(path: string): boolean {
  return path === "metadata" || path === "metadata.yaml";
}
