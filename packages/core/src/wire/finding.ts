import * as z from "zod";

/** One result of validating something a person wrote: a bundle, a submission. Errors reject it, warnings do not. */
export const findingSchema = z
  .object({
    level: z.enum(["error", "warning"]),
    /** Stable and dotted: `bundle.file_missing`. */
    code: z.string(),
    /** What is wrong, in plain words. */
    message: z.string(),
    /** Path inside the bundle; absent when it is about the bundle as a whole. */
    file: z.string().optional(),
    /** From 1. */
    line: z.int().positive().optional(),
    /** From 1. */
    column: z.int().positive().optional(),
    /** Where in the document: `tasks[0].scoring_program`. */
    path: z.string().optional(),
    /** What to write instead. */
    hint: z.string().optional(),
  })
  .meta({ id: "Finding" });
export type Finding = z.infer<typeof findingSchema>;

/** Whether any finding rejects what was validated. */
export function hasErrors(findings: readonly Finding[]): boolean {
  return findings.some((finding) => finding.level === "error");
}
