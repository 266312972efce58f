import { addExecutionOptions } from "../execution.ts";
import { resolveRun } from "../reference.ts";
import type { Register } from "./command.ts";
import { conclude } from "./run.ts";

export const registerRetry: Register = (program, run) => {
  const command = addExecutionOptions(program.command("retry"))
    .argument("[run]", "a run's id (default: the last one)")
    .description("Run the same submission against the same version and phase again.")
    .option("-f, --follow", "with a server: wait for the end");
  command.action((word: string | undefined, { follow }: { follow?: boolean }) =>
    run(command, async (context) => {
      const id = await resolveRun(context, word);
      const client = await context.client();
      const again = await client.retryRun(id);
      await context.memory.remember({ run: again.id });
      const version = await client.getVersion(again.environmentId, again.version);
      return conclude(context, again, version, follow === true);
    }),
  );
};
