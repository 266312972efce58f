import type { CreateModel, Model, ModelPrices, ModelTest } from "@benchgen/core/wire/api.ts";
import { Option } from "commander";
import { everyItem } from "../client/client.ts";
import type { Context } from "../context.ts";
import { CliError, type ExitCode, exitCode } from "../error.ts";
import { dollars, httpUrl, slugName } from "../option.ts";
import { formatTime } from "../output/format.ts";
import { table } from "../output/table.ts";
import { type Text, join, paint, text } from "../output/text.ts";
import { readSecret } from "../secret-input.ts";
import type { Register, Run } from "./command.ts";

export const registerModel: Register = (program, run) => {
  const group = program
    .command("model")
    .description("Models: OpenAI-compatible endpoints that environments are run against.");
  addCommand(group.command("add"), run);
  const list = group.command("list").description("List the models of your workspace.");
  list.action(() => run(list, listModels));
  named(group.command("show"), run, "Show a model. Its key is never shown.", async (context, name) => {
    const model = await (await context.client()).getModel(name);
    context.out.data({ type: "model", ...model });
    context.out.print(renderModel(model));
    return exitCode.done;
  });
  named(group.command("test"), run, "Make one small call to a model, at its provider's price.", testModel);
  named(group.command("rm"), run, "Remove a model and its key.", async (context, name) => {
    await (await context.client()).removeModel(name);
    context.out.data({ type: "removed", model: name });
    context.out.print(text`Removed ${name}`);
    return exitCode.done;
  });
};

type Group = Parameters<Register>[0];

function named(
  command: Group,
  run: Run,
  description: string,
  act: (context: Context, name: string) => Promise<ExitCode>,
): void {
  command.argument("<name>", "as `benchgen model list` shows it").description(description);
  command.action((name: string) => run(command, (context) => act(context, name)));
}

interface AddOptions {
  readonly baseUrl: string;
  readonly model: string;
  readonly keyEnv?: string;
  /** False with --no-key. */
  readonly key: boolean;
  readonly inputPrice?: number;
  readonly cachedInputPrice?: number;
  readonly outputPrice?: number;
  readonly priceVersion?: string;
}

function addCommand(command: Group, run: Run): void {
  command
    .argument("<name>", "what you will call it: lower-case letters, digits and hyphens", slugName)
    .description(
      "Add a model. Its key is asked for without being shown, or comes from standard input or a variable; never from an argument.",
    )
    .requiredOption("--base-url <url>", "up to and including the version: https://api.openai.com/v1", httpUrl)
    .requiredOption("--model <id>", "as the endpoint calls it: gpt-4.1-mini")
    .option("--key-env <variable>", "the environment variable that holds the key")
    .addOption(new Option("--no-key", "the endpoint asks for no key").conflicts("keyEnv"))
    .option("--input-price <usd>", "dollars per million input tokens", dollars)
    .option("--cached-input-price <usd>", "the same, of tokens the provider had cached", dollars)
    .option("--output-price <usd>", "dollars per million output tokens", dollars)
    .option("--price-version <text>", "which price list that is (default: today's date)");
  command.action((name: string, options: AddOptions) =>
    run(command, async (context) => {
      const prices = pricesOf(options, new Date());
      const key = await keyOf(context, name, options);
      const input: CreateModel = {
        name,
        baseUrl: options.baseUrl,
        model: options.model,
        ...(prices === undefined ? {} : { prices }),
        ...(key === undefined ? {} : { key }),
      };
      const model = await (await context.client()).addModel(input);
      context.out.data({ type: "model", ...model });
      context.out.print(renderModel(model));
      context.out.note(text`Try it: benchgen model test ${name}`);
      return exitCode.done;
    }),
  );
}

function pricesOf(options: AddOptions, now: Date): ModelPrices | undefined {
  const { inputPrice, cachedInputPrice, outputPrice, priceVersion } = options;
  const given = [inputPrice, cachedInputPrice, outputPrice, priceVersion].some((each) => each !== undefined);
  if (!given) return undefined;
  if (inputPrice === undefined || outputPrice === undefined) {
    throw new CliError("price_incomplete", "A price needs both --input-price and --output-price.");
  }
  return {
    input: inputPrice,
    ...(cachedInputPrice === undefined ? {} : { cachedInput: cachedInputPrice }),
    output: outputPrice,
    version: priceVersion ?? now.toISOString().slice(0, 10),
  };
}

async function keyOf(context: Context, name: string, options: AddOptions): Promise<string | undefined> {
  if (!options.key) return undefined;
  const { keyEnv } = options;
  if (keyEnv === undefined) return readSecret(`Key of ${name}: `, keyHint);
  const key = context.environment[keyEnv]?.trim() ?? "";
  if (key !== "") return key;
  throw new CliError("key_missing", `The environment variable ${keyEnv} is not set.`, { hint: keyHint });
}

const keyHint =
  "Pipe the key in (benchgen model add NAME … < key.txt), name a variable (--key-env OPENAI_API_KEY), or say that none is needed (--no-key).";

async function listModels(context: Context): Promise<undefined> {
  const client = await context.client();
  const models: Model[] = [];
  for await (const model of everyItem(client.listModels)) models.push(model);
  for (const model of models) context.out.data({ type: "model", ...model });
  if (models.length === 0) {
    context.out.note(text`There is no model yet. Add one: benchgen model add NAME --base-url URL --model ID`);
    return undefined;
  }
  const titles = ["NAME", "MODEL", "ENDPOINT", "$/M IN", "$/M OUT", "KEY"];
  context.out.print(
    table(
      titles.map((title) => ({ title })),
      models.map(({ name, model, baseUrl, prices, hasKey }) => [
        name,
        model,
        baseUrl,
        prices === undefined ? "unknown" : String(prices.input),
        prices === undefined ? "unknown" : String(prices.output),
        hasKey ? "kept" : "none",
      ]),
    ),
  );
  return undefined;
}

function renderModel(model: Model): Text {
  const { prices } = model;
  const cost =
    prices === undefined
      ? "prices unknown: cost will not be measured"
      : `$${prices.input} in, $${prices.output} out per million tokens (${prices.version})`;
  const facts = [
    model.baseUrl,
    cost,
    model.hasKey ? "key kept" : "no key",
    `added ${formatTime(model.createdAt)} UTC`,
  ];
  return text`${paint.bold(model.name)} ${model.model}\n${paint.dim(facts.join(" · "))}`;
}

async function testModel(context: Context, name: string): Promise<ExitCode> {
  const result = await (await context.client()).testModel(name);
  context.out.data({ type: "model_test", model: name, ...result });
  context.out.print(renderTest(name, result));
  return result.ok ? exitCode.done : exitCode.failed;
}

function renderTest(name: string, { ok, latencyMs, answer, usage, costUsd, problem }: ModelTest): Text {
  const parts: Text[] = [
    text`${paint.bold(name)} ${ok ? paint.green("answers") : paint.red("does not answer")} after ${Math.round(latencyMs)} ms`,
  ];
  if (answer !== undefined) parts.push(text`  it said: ${answer}`);
  if (usage !== undefined) {
    const cost = costUsd === undefined ? "" : `, $${costUsd}`;
    parts.push(paint.dim(`  ${usage.inputTokens} tokens in, ${usage.outputTokens} out${cost}`));
  }
  if (problem !== undefined) parts.push(text`  ${paint.red(problem.code)} ${problem.message}`);
  if (problem?.hint !== undefined) parts.push(text`  ${paint.cyan("hint:")} ${problem.hint}`);
  return join(parts, "\n");
}
