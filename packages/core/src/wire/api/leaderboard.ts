/** Leaderboards, ranked and paged. */
import * as z from "zod";
import { idSchema } from "../id.ts";
import { intervalSchema } from "../report.ts";
import { pageQuerySchema, scores, time, unscored } from "./common.ts";
import { columnSchema } from "./environment.ts";

export const leaderboardFormats = ["csv", "json"] as const;

/** Which board of an environment, in which order. */
export const leaderboardQuerySchema = pageQuerySchema.extend({
  phase: boardPart("Index or name. Default: the only open phase, else the first."),
  board: boardPart("The leaderboard's key. Default: the first."),
  sort: boardPart("Key of a column. Default: the board's own order."),
  direction: z.enum(["asc", "desc"]).optional().meta({ description: "Default: the column's own." }),
  format: z
    .enum(leaderboardFormats)
    .optional()
    .meta({ description: "All of the board, in its own order, as a file." }),
});

function boardPart(description: string) {
  return z.string().min(1).max(300).optional().meta({ description });
}

export const leaderboardRowSchema = z.object({
  /** Equal in all columns means equal rank. */
  rank: z.int().positive(),
  runId: idSchema("run"),
  name: z.string(),
  participant: z.string(),
  submittedAt: time,
  version: z.int(),
  scores,
  unscored,
  intervals: z.record(z.string(), intervalSchema).optional().meta({
    description:
      "Column key to where the true score lies; only for scores that the run's cases give. Shown with the score, also in a phase that hides cases.",
  }),
  taskScores: z.record(z.string(), scores),
});
export type LeaderboardRow = z.infer<typeof leaderboardRowSchema>;

export const leaderboardSchema = z
  .object({
    environment: z.string(),
    phase: z.object({ index: z.int(), name: z.string() }),
    key: z.string(),
    title: z.string(),
    columns: z.array(columnSchema),
    sortedBy: z.object({ column: z.string(), direction: z.enum(["asc", "desc"]) }),
    rows: z.array(leaderboardRowSchema),
    cursor: z.string().optional(),
  })
  .meta({ id: "LeaderboardPage" });
export type LeaderboardPage = z.infer<typeof leaderboardSchema>;
