import { exampleCount } from "@benchgen/core/wire/comparison.ts";
import type { Context } from "../context.ts";
import { renderComparison } from "../output/comparison.ts";
import { text } from "../output/text.ts";
import { numberBetween } from "../option.ts";
import { resolveRun } from "../reference.ts";
import type { Register } from "./command.ts";

/** `compare`: what got better and what got worse from one run to others. */
export const registerCompare: Register = (program, run) => {
  const compare = program
    .command("compare")
    .argument("<run...>", "ids of two runs or more: the others are compared with the first")
    .description("Compare runs case by case: what was fixed, what broke, and how sure the difference is.");
  const { default: shown, most } = exampleCount;
  compare.option(
    "--examples <n>",
    `cases shown of those fixed, and of those broken, ${most} at most`,
    numberBetween(1, most),
    shown,
  );
  compare.action((words: string[], { examples }: { examples: number }) =>
    run(compare, async (context) => compareRuns(context, words, examples)),
  );
};

async function compareRuns(context: Context, words: readonly string[], examples: number): Promise<undefined> {
  const { out } = context;
  const ids = await Promise.all(words.map(async (word) => resolveRun(context, word)));
  const comparison = await (await context.client()).compareRuns(ids, examples);
  out.data({ type: "comparison", ...comparison });
  out.print(renderComparison(comparison, out.columns));
  if (comparison.comparisons.some(({ broken }) => broken.count > 0)) {
    out.note(text`\nOne case, whole: benchgen case RUN ID`);
  }
  return undefined;
}
