import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Context } from "../context.ts";
import { chooseExample } from "../demo/example.ts";
import { playModels } from "../demo/model-act.ts";
import { playDemo } from "../demo/play.ts";
import { Story } from "../demo/story.ts";
import { type ExitCode, exitCode } from "../error.ts";
import { type ExecutionOptions, addExecutionOptions, executionOptions } from "../execution.ts";
import { temporaryDirectory } from "../file/temporary.ts";
import { paint, text } from "../output/text.ts";
import type { Register } from "./command.ts";
import { addDemoModel } from "./demo-model.ts";

interface DemoOptions extends ExecutionOptions {
  readonly keep?: boolean;
}

export const registerDemo: Register = (program, run) => {
  const command = addExecutionOptions(program.command("demo"))
    .description(
      "Watch two submissions, and then two models, go through the whole pipeline, in under a minute.",
    )
    .option("--keep", "keep its data directory, to look around in");
  command.action((options: DemoOptions) => run(command, async (context) => demo(context, options)));
  addDemoModel(command, run);
};

async function demo(context: Context, options: DemoOptions): Promise<ExitCode> {
  const { out } = context;
  const example = await chooseExample();
  const home = await (options.keep === true
    ? mkdtemp(join(tmpdir(), "benchgen-demo-"))
    : temporaryDirectory(context));
  const story = new Story(out);
  const { startServer } = await import("../host/server.ts");
  const server = await startServer(
    { dir: home, host: "127.0.0.1", port: 0, ...executionOptions(options, context.environment) },
    out,
  );
  context.onEnd(() => server.close());
  out.data({ type: "listening", url: server.url, home });
  out.print(text`${paint.bold("benchgen demo")}: the environment ${paint.bold(example.name)}, ${example.why}
A real server answers on ${paint.cyan(server.url)}; everything below goes through its HTTP API.`);
  const environment = await playDemo(context, { example, story, url: server.url });
  out.print(text`\n${paint.bold("Second act: two models on one environment")}`);
  if (example.hasPython) await playModels(context, { story, url: server.url });
  else out.print(text`It needs python3, which is not here.`);
  tellHowToGoOn(context, { environment, home, keep: options.keep === true, seconds: story.seconds });
  return exitCode.done;
}

function tellHowToGoOn(
  { out }: Context,
  done: { environment: string; home: string; keep: boolean; seconds: number },
): void {
  const { environment, home, keep, seconds } = done;
  out.data({ type: "demo", seconds, environment, ...(keep ? { home } : {}) });
  out.print(text`\n${paint.bold("Your turn")} ${paint.dim(`(that took ${seconds.toFixed(1)} s)`)}

  npx benchgen init my-env                             make an environment of your own
  npx benchgen validate my-env/bundle                  see what is wrong with it, line by line
  npx benchgen run my-env/bundle --submission my-env/submission
  npx benchgen serve                                   serve environments and leaderboards to others
  npx benchgen doctor                                  what this machine can run
`);
  out.print(
    keep
      ? text`The demo's data is kept in ${home}. Look at it:\n  npx benchgen --home ${home} leaderboard ${environment}`
      : paint.dim("The demo's data is removed now; --keep keeps it."),
  );
}
