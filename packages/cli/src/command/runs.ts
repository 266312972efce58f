import type { Run } from "@benchgen/core/wire/api.ts";
import type { Context } from "../context.ts";
import { everyItem, maxPage } from "../client/client.ts";
import { positiveInteger } from "../option.ts";
import { formatTime } from "../output/format.ts";
import { table } from "../output/table.ts";
import { paint, text } from "../output/text.ts";
import { suggesting } from "../reference.ts";
import { paintStatus } from "../run/report.ts";
import type { Register } from "./command.ts";

interface RunsOptions {
  readonly environment?: string;
  readonly limit: number;
}

export const registerRuns: Register = (program, run) => {
  const command = program
    .command("runs")
    .description("List runs, newest first.")
    .option("--environment <env>", "only of this one")
    .option("--limit <n>", "how many", positiveInteger, 20);
  command.action((options: RunsOptions) => run(command, async (context) => listRuns(context, options)));
};

async function listRuns(context: Context, { environment, limit }: RunsOptions): Promise<undefined> {
  const client = await context.client();
  const runs: Run[] = [];
  await suggesting(context, environment ?? "", async () => {
    for await (const run of everyItem(client.listRuns, { environment, limit: Math.min(limit, maxPage) })) {
      runs.push(run);
      if (runs.length >= limit) break;
    }
  });
  for (const run of runs) context.out.data({ type: "run", ...run });
  if (runs.length === 0) {
    context.out.note(
      text`There is no run yet. Start one: benchgen run ENV --submission PATH (or --model NAME)`,
    );
    return;
  }
  const columns = ["RUN", "NAME", "ENVIRONMENT", "PHASE", "STATUS", "CREATED (UTC)"].map((title) => ({
    title,
  }));
  context.out.print(
    table(
      columns,
      runs.map((run) => [
        run.id,
        run.name,
        `${run.environment}@${run.version}`,
        run.phase.name,
        paintStatus(run.status),
        paint.dim(formatTime(run.createdAt)),
      ]),
    ),
  );
}
