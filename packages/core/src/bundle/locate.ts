/** Finding the document that describes a bundle. */
import { shellWord } from "../shell-word.ts";
import { closest } from "./closest.ts";
import type { FindingList } from "./finding-list.ts";
import type { BundleTree } from "./tree.ts";

const names = ["competition.yaml", "competition.yml"];

/** The path of the bundle's document; undefined, and an error that says where it may be, when there is none. */
export function findManifest(tree: BundleTree, findings: FindingList): string | undefined {
  const found = names.filter((name) => tree.files.has(name));
  if (found.length > 1) {
    findings.warning("bundle.two_documents", {
      message: "Both competition.yaml and competition.yml are there; only competition.yaml is read.",
      file: names[1]!,
      hint: "Remove one of them.",
    });
  }
  if (found[0] !== undefined) return found[0];
  const paths = [...tree.files.keys()];
  const wrapped = paths
    .filter((path) => names.some((name) => path.endsWith(`/${name}`)))
    .sort((a, b) => a.length - b.length)[0];
  if (wrapped !== undefined) {
    const folder = wrapped.slice(0, wrapped.lastIndexOf("/"));
    findings.error("bundle.wrapped", {
      message: `competition.yaml is in the folder "${folder}", and must be at the root of the bundle.`,
      file: wrapped,
      hint: `Pack it from inside that folder: cd ${shellWord(folder)} && zip -r ../bundle.zip .`,
    });
    return undefined;
  }
  const near =
    paths.find((path) => names.includes(path.toLowerCase())) ??
    closest(
      names[0]!,
      paths.filter((path) => !path.includes("/")),
    );
  findings.error("bundle.document_missing", {
    message: `${tree.name} has no competition.yaml.`,
    hint:
      near === undefined
        ? "Add a competition.yaml at the root of the bundle: `benchgen init` writes one to start from."
        : `Rename \`${near}\` to competition.yaml.`,
  });
  return undefined;
}
