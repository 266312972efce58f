import { once } from "node:events";
import type { Command } from "commander";
import { numberBetween, portNumber } from "../option.ts";
import { paint, text } from "../output/text.ts";
import type { Run } from "./command.ts";

interface DemoModelOptions {
  readonly port: number;
  readonly errorRate: number;
  readonly refusalRate: number;
  readonly latencyMs: number;
  readonly seed: string;
}

/** `demo model`: a model for trying things out, that needs no key and no provider. */
export function addDemoModel(demo: Command, run: Run): void {
  const command = demo
    .command("model")
    .description(
      "Serve a model on this machine that solves small arithmetic and string tasks: no key is needed.",
    )
    .option("--port <n>", "port; 0 for any that is free", portNumber, 8080)
    .option(
      "--error-rate <share>",
      "share of prompts it answers wrongly, always the same ones",
      numberBetween(0, 1),
      0,
    )
    .option("--refusal-rate <share>", "share of prompts it refuses", numberBetween(0, 1), 0)
    .option("--latency-ms <n>", "how long it takes for an answer", numberBetween(0, 600_000), 0)
    .option("--seed <text>", "another seed errs on other prompts", "");
  command.action((options: DemoModelOptions) =>
    run(command, async ({ out, signal }) => {
      const { startSolver } = await import("../solver/server.ts");
      const solver = await startSolver(options);
      out.data({ type: "listening", url: solver.url });
      out.print(text`A model answers at ${paint.bold(solver.url)}  ${paint.dim("Ctrl-C ends it")}`);
      out.note(text`Add it: benchgen model add solver --base-url ${solver.url} --model solver --no-key`);
      if (!signal.aborted) await once(signal, "abort");
      await solver.close();
      return undefined;
    }),
  );
}
