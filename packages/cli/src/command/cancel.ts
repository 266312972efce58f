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
      const id = await resolveRun(context, word);
      const cancelled = await (await context.client()).cancelRun(id);
      context.out.data({ type: "run", ...cancelled });
      context.out.print(
        text`${paint.bold(cancelled.id)} ${cancelled.name}: ${paintStatus(cancelled.status)}`,
      );
      return undefined;
    }),
  );
};
