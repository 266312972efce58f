import type { LeaderboardPage } from "@benchgen/core/wire/api.ts";
import { Option } from "commander";
import { type LeaderboardQuery, maxPage } from "../client/client.ts";
import type { Context } from "../context.ts";
import { positiveInteger } from "../option.ts";
import { renderLeaderboard } from "../output/leaderboard.ts";
import { text } from "../output/text.ts";
import { resolveEnvironment, suggesting } from "../reference.ts";
import type { Register } from "./command.ts";

interface LeaderboardOptions extends Pick<LeaderboardQuery, "phase" | "board" | "sort" | "direction"> {
  readonly limit: number;
}

export const registerLeaderboard: Register = (program, run) => {
  const command = program
    .command("leaderboard")
    .argument("[environment]", "name, workspace/name or id (default: the last one used)")
    .description("Show a ranked leaderboard.")
    .option("--phase <phase>", "name or index (default: the only open one)")
    .option("--board <key>", "which of its leaderboards (default: the first)")
    .option("--sort <column>", "key of a column (default: the board's own order)")
    .addOption(
      new Option("--direction <direction>", "of --sort (default: the column's own)").choices(["asc", "desc"]),
    )
    .option("--limit <n>", "rows", positiveInteger, 50);
  command.action((word: string | undefined, options: LeaderboardOptions) =>
    run(command, async (context) => showLeaderboard(context, word, options)),
  );
};

async function showLeaderboard(
  context: Context,
  word: string | undefined,
  options: LeaderboardOptions,
): Promise<undefined> {
  const { out } = context;
  const environment = await resolveEnvironment(context, word);
  const board = await readRows(context, environment, options);
  await context.memory.remember({ environment });
  const { rows, cursor, ...head } = board;
  out.data({ type: "leaderboard", ...head });
  for (const row of rows) out.data({ type: "row", ...row });
  out.print(renderLeaderboard(board));
  if (rows.length === 0)
    out.note(
      text`No run counts yet. Start one: benchgen run ${environment} --submission PATH (or --model NAME)`,
    );
  if (cursor !== undefined)
    out.note(
      text`There are more; show them with --limit, or all: benchgen export leaderboard ${environment}`,
    );
}

async function readRows(
  context: Context,
  environment: string,
  { limit, ...which }: LeaderboardOptions,
): Promise<LeaderboardPage> {
  const client = await context.client();
  const { phase, board, sort, direction } = which;
  const ask = (cursor: string | undefined, most: number): Promise<LeaderboardPage> =>
    client.readLeaderboard(environment, {
      phase,
      board,
      sort,
      direction,
      cursor,
      limit: Math.min(most, maxPage),
    });
  let page = await suggesting(context, environment, () => ask(undefined, limit));
  const rows = [...page.rows];
  while (page.cursor !== undefined && rows.length < limit) {
    page = await ask(page.cursor, limit - rows.length);
    rows.push(...page.rows);
  }
  return { ...page, rows };
}
