/**
 * Checks that documentation does not drift: every relative link, every anchor of one, and every path of this repository
 * that a Markdown file names in a code span or a shell block must exist. Prints file:line for each that does not.
 *
 * usage: node scripts/check-docs.ts [ROOT]
 */
import { existsSync, globSync, readFileSync, readdirSync, statSync } from "node:fs";
import { dirname, join, relative, resolve, sep } from "node:path";

export interface Mention {
  /** From 1. */
  readonly line: number;
  readonly kind: "link" | "path";
  readonly target: string;
}

export interface Failure {
  /** Relative to the root. */
  readonly file: string;
  readonly line: number;
  readonly message: string;
}

const skippedDirectories = new Set(["node_modules", ".git", ".benchgen", "coverage", "fixtures"]);
const shells = new Set(["sh", "bash", "shell", "console"]);
/** Other sites, mail, and the like: only what is in this repository can be checked here. */
const elsewhere = /^(?:[a-z][a-z0-9+.-]*:|\/\/)/i;
/** `<name>`, `$HOME`, `…`: stands for something else. `*`, `?` and `{a,b}` are globs, of which one match is enough. */
const placeholder = /[<>$…|]/;

/** The links of a Markdown text, and the paths whose first part is one of the repository's top-level directories. */
export function mentionsIn(markdown: string, topLevel: ReadonlySet<string>): Mention[] {
  const mentions: Mention[] = [];
  const isPath = (text: string) =>
    text.includes("/") && topLevel.has(text.split("/")[0] ?? "") && !placeholder.test(text);
  for (const { line, text, fence } of linesOf(markdown)) {
    if (fence !== undefined) {
      const words = shells.has(fence) ? text.split(/[\s'"=]+/) : [];
      mentions.push(...words.filter(isPath).map((target) => ({ line, kind: "path" as const, target })));
      continue;
    }
    const spans = [...text.matchAll(/(`+)(.+?)\1(?!`)/g)].map((match) => (match[2] ?? "").trim());
    mentions.push(...spans.filter(isPath).map((target) => ({ line, kind: "path" as const, target })));
    const prose = text.replaceAll(/(`+)(.+?)\1(?!`)/g, "");
    const links = [
      ...prose.matchAll(/\]\(\s*<?([^)\s>]+)>?(?:\s+"[^"]*")?\s*\)/g),
      ...prose.matchAll(/^\s{0,3}\[[^\]]+\]:\s+<?([^\s>]+)>?/g),
      ...prose.matchAll(/\s(?:href|src)="([^"]+)"/g),
    ].map((match) => match[1] ?? "");
    mentions.push(
      ...links
        .filter((target) => !elsewhere.test(target))
        .map((target) => ({ line, kind: "link" as const, target })),
    );
  }
  return mentions;
}

/** Lines with their number; those inside a fenced block carry its language. Fences themselves are left out. */
function* linesOf(markdown: string): Generator<{ line: number; text: string; fence?: string }> {
  let open: { mark: string; language: string } | undefined;
  for (const [index, text] of markdown.split(/\r?\n/).entries()) {
    const [, mark, language = ""] = /^\s*(`{3,}|~{3,})\s*([\w-]*)/.exec(text) ?? [];
    if (open === undefined && mark !== undefined) open = { mark, language };
    else if (open !== undefined && mark?.startsWith(open.mark)) open = undefined;
    else if (open !== undefined) yield { line: index + 1, text, fence: open.language };
    else yield { line: index + 1, text };
  }
}

/** The anchors GitHub gives a Markdown text: one for each heading, and explicit ids. */
export function anchorsOf(markdown: string): Set<string> {
  const anchors = new Set<string>();
  for (const { text, fence } of linesOf(markdown)) {
    if (fence !== undefined) continue;
    for (const match of text.matchAll(/<a\s+(?:id|name)="([^"]+)"/g)) anchors.add(match[1] ?? "");
    const heading = /^ {0,3}#{1,6}\s+(.+?)\s*#*$/.exec(text)?.[1];
    if (heading === undefined) continue;
    const slug = slugOf(heading);
    // A heading that is there twice gets -1, -2, …
    let unique = slug;
    for (let count = 1; anchors.has(unique); count++) unique = `${slug}-${count}`;
    anchors.add(unique);
  }
  return anchors;
}

function slugOf(heading: string): string {
  return heading
    .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1")
    .toLowerCase()
    .replaceAll(/[^\p{Letter}\p{Number}\s_-]/gu, "")
    .replaceAll(/\s/g, "-");
}

/** What is wrong with a mention, or undefined. `file` is absolute. */
export function problemWith(mention: Mention, file: string, root: string): string | undefined {
  if (mention.kind === "path") {
    // `src/x.ts:12` names a line, `src/x.ts.` ends a sentence.
    const path = mention.target.replace(/(?::\d+)+$/, "").replace(/[.,;:)]+$/, "");
    const found = /[*?{]/.test(path)
      ? globSync(path, { cwd: root }).length > 0
      : existsSync(join(root, path));
    return found ? undefined : `there is no ${path}`;
  }
  const [encoded = "", anchor] = mention.target.split("#", 2);
  const path = decodeURIComponent(encoded);
  const target = path === "" ? file : path.startsWith("/") ? join(root, path) : resolve(dirname(file), path);
  if (target !== root && !target.startsWith(root + sep)) return `${path} is outside the repository`;
  if (!existsSync(target)) return `there is no ${path}`;
  if (anchor === undefined || anchor === "") return undefined;
  if (!target.endsWith(".md")) return `${path} has no headings for #${anchor} to name`;
  const anchors = anchorsOf(readFileSync(target, "utf8"));
  return anchors.has(decodeURIComponent(anchor))
    ? undefined
    : `${path === "" ? "this file" : path} has no heading #${anchor}`;
}

/** Every failure of the repository's Markdown files, by file and line. */
export function checkDocs(root: string): Failure[] {
  const topLevel = new Set(
    readdirSync(root, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && !skippedDirectories.has(entry.name))
      .map((entry) => entry.name),
  );
  return markdownFiles(root).flatMap((file) =>
    mentionsIn(readFileSync(file, "utf8"), topLevel).flatMap((mention) => {
      const message = problemWith(mention, file, root);
      return message === undefined ? [] : [{ file: relative(root, file), line: mention.line, message }];
    }),
  );
}

function markdownFiles(directory: string): string[] {
  return readdirSync(directory, { withFileTypes: true })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(directory, entry.name);
      if (entry.isDirectory()) return skippedDirectories.has(entry.name) ? [] : markdownFiles(path);
      return entry.isFile() && entry.name.endsWith(".md") ? [path] : [];
    });
}

function main(): void {
  const root = resolve(process.argv[2] ?? join(import.meta.dirname, ".."));
  if (!statSync(root).isDirectory()) throw new Error(`${root} is not a directory`);
  const failures = checkDocs(root);
  for (const { file, line, message } of failures) console.error(`${file}:${line}: ${message}`);
  if (failures.length > 0) process.exitCode = 1;
}

if (import.meta.main) main();
