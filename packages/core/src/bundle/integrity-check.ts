/** Reading everything once: damaged members, and Git LFS pointers that stand where files should be. */
import { forEachLimited } from "../concurrency.ts";
import { InvalidInput } from "../error.ts";
import type { OpenedContent } from "./content.ts";
import type { FindingList } from "./finding-list.ts";
import type { BundleTree } from "./tree.ts";
import { isLfsPointer, lfsHint } from "./zip-end-record.ts";

/** Inflating runs on threads: two members at a time use two cores, and hold a few hundred kilobytes. */
const concurrency = 2;

/** The Git LFS specification keeps pointers below this size. */
const maxPointerBytes = 1024;

/**
 * Zips inside the bundle are read to their last byte while all of them together unpack to no more than this; of what
 * exceeds it only directories are checked. It bounds the time a few hostile megabytes can cost (about ten seconds);
 * contents are checked again whenever they are unpacked for a job.
 */
const nestedBudgetBytes = 8 * 1024 ** 3;

/** An archive that is damaged throughout is no clearer for the hundredth. */
const maxDamaged = 50;

/** Reads the files whose contents can be damaged or pointers; adds a finding for each, and says whether any is damaged. */
export async function checkIntegrity(tree: BundleTree, findings: FindingList): Promise<{ damaged: boolean }> {
  let damaged = 0;
  const pointers: string[] = [];
  const worthReading = [...tree.files].filter(
    ([, { size }]) => tree.checksummed === true || (size > 0 && size < maxPointerBytes),
  );
  await forEachLimited(worthReading, concurrency, async ([path, { size }]) => {
    try {
      let first = size < maxPointerBytes;
      for await (const chunk of await tree.open(path)) {
        if (first && isLfsPointer(chunk)) pointers.push(path);
        first = false;
      }
    } catch (error) {
      if (!(error instanceof InvalidInput)) throw error;
      damaged++;
      if (damaged > maxDamaged) return;
      findings.error(error.code, { message: error.message, file: path, ...hintOf(error) });
    }
  });
  const file = pointers.sort()[0];
  if (file === undefined) return { damaged: damaged > 0 };
  findings.warning("bundle.lfs_pointer", {
    message:
      pointers.length === 1
        ? `"${file}" is a Git LFS pointer, not the file itself.`
        : `${pointers.length} files, "${file}" the first of them, are Git LFS pointers, not the files themselves.`,
    file,
    hint: lfsHint,
  });
  return { damaged: damaged > 0 };
}

/** Reads the zips that fields name to their last byte; gives the damage found in each. */
export function nestedChecker(): (content: OpenedContent) => Promise<InvalidInput | undefined> {
  let budget = nestedBudgetBytes;
  return async ({ archive, random }) => {
    const members = (archive?.entries ?? []).filter((entry) => entry.kind === "file");
    budget -= members.reduce((sum, { size }) => sum + size, 0);
    if (archive === undefined || budget < 0) return undefined;
    try {
      await forEachLimited(members, random ? concurrency : 1, async (member) => {
        for await (const _ of await archive.open(member));
      });
    } catch (error) {
      if (error instanceof InvalidInput) return error;
      throw error;
    }
    return undefined;
  };
}

/** The hint of an error, where it has one, as a finding takes it. */
export function hintOf(error: InvalidInput): { hint?: string } {
  return error.hint === undefined ? {} : { hint: error.hint };
}
