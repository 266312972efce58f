/** Findings, printed as a compiler prints: where, what, the line itself with a mark under it, and what to write. */
import type { Finding } from "@benchgen/core/wire/finding.ts";
import { count } from "./format.ts";
import { type Text, clean, join, paint, text } from "./text.ts";

/** A line of a file, without its end; undefined when it cannot be shown. */
export type SourceLine = (file: string, line: number) => Promise<string | undefined>;

/** Longer lines are cut around the mark. */
const excerptWidth = 100;

export async function renderFinding(finding: Finding, sourceLine?: SourceLine): Promise<Text> {
  const parts = [header(finding)];
  const { file, line, column, hint } = finding;
  if (file !== undefined && line !== undefined) {
    const source = await sourceLine?.(file, line);
    if (source !== undefined && source.trim() !== "") parts.push(excerpt(source, line, column));
  }
  if (hint !== undefined) {
    parts.push(
      ...hint.split("\n").map((part, i) => text`  ${i === 0 ? paint.cyan("hint:") : "     "} ${part}`),
    );
  }
  return join(parts, "\n");
}

/** `1 error, 2 warnings`; undefined when there is nothing to count. */
export function summarizeFindings(findings: readonly Finding[]): string | undefined {
  const errors = findings.filter((finding) => finding.level === "error").length;
  const warnings = findings.length - errors;
  const parts = [errors > 0 ? count(errors, "error") : "", warnings > 0 ? count(warnings, "warning") : ""];
  return parts.filter((part) => part !== "").join(", ") || undefined;
}

function header({ file, line, column, level, code, message }: Finding): Text {
  const position = [line, column].filter((part) => part !== undefined).map((part) => `:${part}`);
  const where = file === undefined ? "" : text`${paint.bold(`${file}${position.join("")}`)} `;
  const mark = level === "error" ? paint.red("error") : paint.yellow("warning");
  return text`${where}${mark} ${paint.dim(code)} ${message}`;
}

function excerpt(source: string, line: number, column: number | undefined): Text {
  const at = Math.min(Math.max(0, (column ?? 1) - 1), source.length);
  const from = at < excerptWidth - 20 ? 0 : at - excerptWidth / 2;
  const gutter = `  ${line} | `;
  const shown = join([paint.dim(gutter), clean(source.slice(from, from + excerptWidth))]);
  if (column === undefined) return shown;
  const before = text`${clean(source.slice(from, at))}`.width;
  const rule = paint.dim(" ".repeat(gutter.length - 2) + "| ");
  return text`${shown}\n${rule}${" ".repeat(before)}${paint.red("^")}`;
}
