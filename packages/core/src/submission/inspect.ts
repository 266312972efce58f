import { isJunk } from "../bundle/tree.ts";
import type { ZipArchive } from "../bundle/zip-archive.ts";
import { shellWord } from "../shell-word.ts";
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
  const folder = commonFolder(files.map(({ path }) => path));
  const findings = folder.length === 0 ? [] : [wrapped(filename, folder)];
  const holdsCode = files.some((entry) => codeFile.test(entry.path) || isMetadata(entry.path));
  return { findings, holdsCode };
}

/** An environment may want it like this, so it is no error. */
function wrapped(filename: string, folder: readonly string[]): Finding {
  const path = folder.join("/");
  // Not into the zip that is there: what it holds would stay in it.
  const target = `${"../".repeat(folder.length)}flat.zip`;
  return {
    level: "warning",
    code: "submission.wrapped",
    message: `All files of ${filename} are in the folder "${path}"; most programs expect them at the top level.`,
    file: path,
    hint: `Zip what is in it: (cd ${shellWord(path)} && zip -r ${target} .)`,
  };
}

/** The folder that all paths have in common, by its parts; none where one is at the top level. */
function commonFolder(paths: readonly string[]): string[] {
  const [first = [], ...others] = paths.map((path) => path.split("/").slice(0, -1));
  return others.reduce((common, parts) => {
    const end = common.findIndex((part, i) => part !== parts[i]);
    return end === -1 ? common : common.slice(0, end);
  }, first);
}

function isMetadata(path: string): boolean {
  return path === "metadata" || path === "metadata.yaml";
}
