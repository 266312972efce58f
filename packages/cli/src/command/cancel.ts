import { paint, text } from "../output/text.ts";
import { resolveRun } from "../reference.ts";
import { paintStatus } from "../run/report.ts";
import type { Register } from "./command.ts";

export const registerCancel: Register = (program, run) => {
  const command = program
    .command("cancel")
    .argument("[run]", "a run's id (default: the last one)")
    .description("Stop a run.");
  command.action((word: string | undefined) =>
    run(command, async (context) => {
      const client = await context.client();
      const cancelled = await client.cancelRun(await resolveRun(context, word));
      context.out.data({ type: "run", ...cancelled });
      context.out.print(
        text`${paint.bold(cancelled.id)} ${cancelled.name}: ${paintStatus(cancelled.status)}`,
      );
      return undefined;
    }),
  );
};
