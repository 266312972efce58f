/**
 * One line of JSON for each thing a function did: what CloudWatch Logs Insights and metric filters read. Fields are
 * chosen one by one; whole events, bodies and headers are never among them, for they hold tokens.
 */
import { BenchgenError, messageOf } from "@benchgen/core/error.ts";

export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

/** Straight to stdout: Lambda's console puts text of its own in front of each line. */
export function writeLog(level: "info" | "warn" | "error", message: string, fields: LogFields = {}): void {
  process.stdout.write(`${JSON.stringify({ level, message, ...fields })}\n`);
}

/** An error as fields of a line: enough to find its cause. */
export function errorFields(error: unknown): LogFields {
  return {
    error: error instanceof Error ? error.name : "Error",
    detail: messageOf(error),
    code: error instanceof BenchgenError ? error.code : undefined,
    // Of what was thrown on purpose the place is of no interest.
    stack: error instanceof Error && !(error instanceof BenchgenError) ? error.stack : undefined,
  };
}
