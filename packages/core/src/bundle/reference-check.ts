/** Every path the document names, looked up in the bundle. */
import type { Checked } from "./check.ts";
import { where } from "./check.ts";
import { type GuessBudget, closest } from "./closest.ts";
import type { Competition } from "./competition-schema.ts";
import type { FileIndex, Target } from "./reference.ts";
import { readReference } from "./reference.ts";
import type { Partially } from "./schema-finding.ts";
import { isStoredKey, refuseKey } from "./stored-key.ts";
import type { YamlPath } from "./yaml-document.ts";
import { formatPath } from "./yaml-document.ts";

export type Role =
  | "page"
  | "image"
  | "scoring_program"
  | "ingestion_program"
  | "reference_data"
  | "input_data"
  | "solution"
  | "download";

/** A path as it is written in the document. */
export interface Named {
  readonly role: Role;
  readonly field: YamlPath;
  readonly written: string;
}

/** A path that leads to something. */
export interface Resolved {
  readonly role: Role;
  readonly field: YamlPath;
  readonly target: Target;
}

/** All paths of the fields that could be read, in the order of the document's description. */
export function namedPaths(competition: Partially<Competition>): Named[] {
  const named: Named[] = [];
  const add = (role: Role, written: unknown, ...field: YamlPath): void => {
    if (typeof written === "string" && written.trim() !== "") named.push({ role, field, written });
  };
  add("image", competition.image, "image");
  add("page", competition.terms, "terms");
  competition.pages?.forEach((page, position) => add("page", page?.file, "pages", position, "file"));
  competition.tasks?.forEach((task, position) => {
    for (const role of ["scoring_program", "ingestion_program", "reference_data", "input_data"] as const)
      add(role, task?.[role], "tasks", position, role);
  });
  competition.phases?.forEach((phase, position) => {
    add("download", phase?.starting_kit, "phases", position, "starting_kit");
    add("download", phase?.public_data, "phases", position, "public_data");
  });
  competition.solutions?.forEach((solution, position) =>
    add("solution", solution?.path, "solutions", position, "path"),
  );
  return named;
}

/** Looks each path up; those that lead nowhere, or to the wrong kind of thing, become errors. */
export function resolvePaths(checked: Checked, named: readonly Named[], index: FileIndex): Resolved[] {
  const guess = guesser(checked, index);
  const within = overlapGuard(checked, index.size);
  return named.flatMap(({ role, field, written }) => {
    const reference = readReference(written);
    const at = where(checked, field);
    if ("problem" in reference) {
      checked.findings.error("bundle.path_unsafe", {
        message: `"${written}" ${reference.problem}.`,
        ...at,
        hint: reference.hint,
      });
      return [];
    }
    const target = index.find(reference.path);
    if (target === undefined && isStoredKey(written)) {
      refuseKey(checked, written, field);
      return [];
    }
    if (target === undefined) {
      const near = guess(reference.path);
      checked.findings.error("bundle.file_missing", {
        message: `"${written}" is not in the bundle.`,
        ...at,
        hint:
          near === undefined
            ? `Add it, or correct ${formatPath(field)}; paths start at the folder of ${checked.file}.`
            : `Did you mean \`${near}\`?`,
      });
      return [];
    }
    if (target.kind === "directory" && (role === "page" || role === "image")) {
      checked.findings.error("bundle.not_a_file", {
        message: `"${written}" is a directory; a file is needed.`,
        ...at,
        hint: "Name a file in it.",
      });
      return [];
    }
    if (target.kind === "directory" && target.files.length === 0) {
      checked.findings.warning("bundle.directory_empty", {
        message: `The directory "${written}" is empty.`,
        ...at,
        hint: "Add its files, or remove the field.",
      });
    }
    return within(target, field) ? [{ role, field, target }] : [];
  });
}

/** A guess compares the path with every other: the first few missing files get one. */
const maxGuesses = 20;

function guesser({ guesses }: Checked, index: FileIndex): (path: string) => string | undefined {
  let candidates: Set<string> | undefined;
  let left = maxGuesses;
  return (path) => {
    if (left-- <= 0) return undefined;
    candidates ??= index.candidates();
    return nearest(path, candidates, guesses);
  };
}

/**
 * Each directory a field names is packed by itself, so directories inside one another multiply what is stored.
 * Gives whether a target is still within four times the bundle.
 */
function overlapGuard(checked: Checked, files: number): (target: Target, field: YamlPath) => boolean {
  const most = 4 * files + 1000;
  const seen = new Set<string>();
  let total = 0;
  return (target, field) => {
    if (target.kind === "file" || seen.has(target.path)) return true;
    seen.add(target.path);
    total += target.files.length;
    if (total <= most) return true;
    checked.findings.error("bundle.directories_overlap", {
      message: `"${target.path}" lies in too many other directories that fields name: each is stored by itself.`,
      ...where(checked, field),
      hint: "Give each field a directory of its own, or let fields name the same one.",
    });
    return false;
  };
}

/** The file that was meant: another case, another folder, another extension, or a slip of the finger. */
function nearest(path: string, candidates: ReadonlySet<string>, budget: GuessBudget): string | undefined {
  const name = path.slice(path.lastIndexOf("/") + 1);
  const stem = name.replace(/\.\w+$/, "");
  const lower = path.toLowerCase();
  const all = [...candidates];
  const sameName = all.filter((candidate) => candidate.slice(candidate.lastIndexOf("/") + 1) === name);
  return (
    all.find((candidate) => candidate.toLowerCase() === lower) ??
    (sameName.length === 1 ? sameName[0] : undefined) ??
    (stem === ""
      ? undefined
      : all.find((candidate) => candidate.replace(/\.\w+$/, "") === path.replace(/\.\w+$/, ""))) ??
    closest(path, all, budget)
  );
}
