import { existsSync } from "node:fs";
import { join } from "node:path";
import type { PruneReport } from "@benchgen/local/prune/prune.ts";
import type { Command } from "commander";
import type { Context } from "../context.ts";
import { CliError } from "../error.ts";
import { inProcessUrl, warner } from "../host/host.ts";
import { ageInDays } from "../option.ts";
import { count, formatBytes } from "../output/format.ts";
import { type Text, lines, paint, text } from "../output/text.ts";
import type { Run } from "./command.ts";

interface PruneWords {
  /** Days. */
  readonly olderThan: number;
  readonly ranked?: boolean;
  readonly dryRun?: boolean;
}

/** `admin prune`: of the data directory itself, whether a server has it open or not. */
export function pruneCommand(command: Command, run: Run): void {
  command
    .description("Delete outputs, logs and cases of old runs from the data directory. Scores stay.")
    .requiredOption("--older-than <age>", "of runs that ended longer ago: 30d, 8w", ageInDays)
    .option("--ranked", "also of runs that stand on a leaderboard")
    .option("--dry-run", "only say what would be deleted")
    .action((options: PruneWords) => run(command, (context) => pruneDirectory(context, options)));
}

async function pruneDirectory(
  context: Context,
  { olderThan, ranked, dryRun }: PruneWords,
): Promise<undefined> {
  const { home } = context.target;
  if (!existsSync(join(home, "benchgen.db"))) {
    throw new CliError("nothing_there", `${home} is no data directory.`, {
      hint: "Name the one that benchgen serve uses: --home DIR",
    });
  }
  const { openLocal } = await import("@benchgen/local/open.ts");
  const local = await openLocal({
    dir: home,
    baseUrl: () => inProcessUrl,
    // Whoever runs programs takes over what others left; this only deletes.
    resume: false,
    warn: warner(context.out),
  });
  context.onEnd(() => local.close());
  const report = await local.prune({
    olderThanDays: olderThan,
    ranked: ranked === true,
    dryRun: dryRun === true,
  });
  context.out.data({ type: "pruned", dryRun: dryRun === true, home, ...report });
  context.out.print(lines(summaryOf(report, dryRun === true)));
  for (const note of notesOf(report, home)) context.out.note(note);
  return undefined;
}

function summaryOf({ runs, files, bytes, unused, expired }: PruneReport, dryRun: boolean): string {
  const parts = [
    `${count(files, "file")} of ${count(runs, "run")} (${formatBytes(bytes)}), history included`,
    `${count(unused.files, "file")} that nothing uses (${formatBytes(unused.bytes)})`,
    count(expired, "expired record"),
  ];
  return `${dryRun ? "Would delete" : "Deleted"} ${parts.join("; ")}.`;
}

function* notesOf({ ranked }: PruneReport, home: string): Generator<Text> {
  yield text`${paint.dim(`In ${home}. Scores, leaderboards, environments and submissions stay.`)}`;
  if (ranked > 0) {
    yield text`${count(ranked, "run")} as old on leaderboards keep theirs; with --ranked they go too.`;
  }
}
