import * as z from "zod";

/**
 * Why a task or a run did not succeed. `platform_fault` is the only one that is ours, and the only one retried. `limit`
 * also stands beside a success: the run met its budget, and what it had by then was scored. It is a failure where nothing
 * could be scored.
 */
export const reasonCodes = [
  "program_failed",
  "time_limit",
  "out_of_memory",
  "disk_full",
  "output_too_large",
  "no_scores",
  "scores_unreadable",
  "nothing_scored",
  "image_not_found",
  "input_unreadable",
  "executor_missing",
  "platform_fault",
  "cancelled",
  "timed_out",
  "limit",
] as const;
export type ReasonCode = (typeof reasonCodes)[number];

export const reasonSchema = z
  .object({
    code: z.enum(reasonCodes),
    /** One sentence a person can act on; names the program, its exit code, the limit. */
    message: z.string(),
    hint: z.string().optional(),
    /** The last lines the program wrote to stderr. Untrusted text. */
    stderrTail: z.string().optional(),
  })
  .meta({ id: "Reason" });
export type Reason = z.infer<typeof reasonSchema>;
