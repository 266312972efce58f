/** Collecting findings: all of them, then sorted as a person reads a bundle. */
import type { BenchgenError } from "../error.ts";
import type { Finding } from "../wire/finding.ts";

/** What a finding says beside its level and code. */
export type FindingDetail = Omit<Finding, "level" | "code">;

/** Characters of a text. What a bundle says is quoted in findings, and may be a megabyte. */
const maxCharacters = 1000;

export class FindingList {
  readonly items: Finding[] = [];

  error(code: string, detail: FindingDetail): void {
    this.items.push({ level: "error", code, ...shortened(detail) });
  }

  warning(code: string, detail: FindingDetail): void {
    this.items.push({ level: "warning", code, ...shortened(detail) });
  }

  get hasErrors(): boolean {
    return this.items.some(({ level }) => level === "error");
  }

  /** Errors first; within a level by file, then by position; each said once. */
  sorted(): Finding[] {
    const once = new Map(this.items.map((finding) => [JSON.stringify(finding), finding]));
    return [...once.values()].sort(
      (a, b) =>
        a.level.localeCompare(b.level) ||
        (a.file ?? "").localeCompare(b.file ?? "") ||
        (a.line ?? 0) - (b.line ?? 0) ||
        (a.column ?? 0) - (b.column ?? 0) ||
        a.code.localeCompare(b.code),
    );
  }
}

/** What was refused by an error, as the finding it is. */
export function findingOf({ code, message, hint }: BenchgenError): Finding {
  return { level: "error", code, message, ...(hint === undefined ? {} : { hint }) };
}

function shortened({ message, path, hint, ...position }: FindingDetail): FindingDetail {
  const short = (text: string) => (text.length > maxCharacters ? `${text.slice(0, maxCharacters)}…` : text);
  return {
    message: short(message),
    ...position,
    ...(path === undefined ? {} : { path: short(path) }),
    ...(hint === undefined ? {} : { hint: short(hint) }),
  };
}
