/** The model a run is made against: which one, how much of it may be used, and what its programs are told. */
import { createHash } from "node:crypto";
import * as z from "zod";
import { type Principal, requireScope } from "../access/principal.ts";
import type { Manifest, ProgramMetadata } from "../bundle/manifest.ts";
import { writeZip } from "../bundle/zip-writer.ts";
import { keepContent } from "../content/keep.ts";
import { InvalidInput } from "../error.ts";
import { type Grant, grantOf, grantSchema } from "../gateway/access.ts";
import { type Totals, budgetSchema } from "../gateway/budget.ts";
import { nanoOf, usdOf } from "../gateway/price.ts";
import { loadModel } from "../model/record.ts";
import type { Ports } from "../ports.ts";
import { tableKey } from "../record/key.ts";
import { toItem } from "../record/record.ts";
import type { SubmissionRecord } from "../submission/record.ts";
import { type CreateRun, type RunUsage, modelOptionsSchema } from "../wire/api.ts";
import type { ProgramName } from "../wire/job.ts";
import type { RunRecord } from "./record.ts";

/** What a run keeps of its models. */
export const againstSchema = z.object({
  /** By the program that may call it: the model under evaluation, and the judge. */
  grants: z.object({ ingestion: grantSchema.optional(), scoring: grantSchema.optional() }),
  /** Of both together. */
  budget: budgetSchema,
  options: modelOptionsSchema,
});
export type Against = z.infer<typeof againstSchema>;

/**
 * The models that a request names, in the principal's workspace; undefined when it names none.
 * @throws NotFound; InvalidInput `model_missing`, `model_impossible`, `judge_unused`, `price_unknown`
 */
export async function resolveAgainst(
  ports: Pick<Ports, "table">,
  principal: Principal,
  request: CreateRun,
  version: { readonly manifest: Manifest; readonly programs: Readonly<Record<string, ProgramMetadata>> },
  taskIndexes: readonly number[],
): Promise<Against | undefined> {
  const { model, judge, limit, epochs, concurrency, maxCostUsd, maxTokens, maxCalls } = request;
  const settings = { limit, epochs, concurrency, maxCostUsd, maxTokens, maxCalls };
  if (model === undefined && judge === undefined) {
    const [without] = Object.entries(settings).filter(([, value]) => value !== undefined);
    if (without === undefined) return undefined;
    throw new InvalidInput("model_missing", `\`${without[0]}\` is of no use without a model.`, {
      hint: "Name one: --model NAME. List them with: benchgen model list",
    });
  }
  requireScope(principal, "submit");
  requirePlace(version, taskIndexes, { model, judge });
  const load = async (name: string | undefined): Promise<Grant | undefined> =>
    name === undefined ? undefined : grantOf(await loadModel(ports.table, principal.workspace, name));
  const [ingestion, scoring] = await Promise.all([load(model), load(judge)]);
  const unpriced = [ingestion, scoring].find((grant) => grant !== undefined && grant.prices === undefined);
  if (maxCostUsd !== undefined && unpriced !== undefined) {
    throw new InvalidInput(
      "price_unknown",
      `A limit of cost cannot be kept: the prices of "${unpriced.name}" are unknown.`,
      { hint: "Add the model with --input-price and --output-price, or limit tokens: --max-tokens N" },
    );
  }
  return {
    grants: { ...(ingestion && { ingestion }), ...(scoring && { scoring }) },
    budget: defined({
      calls: maxCalls,
      tokens: maxTokens,
      costNano: maxCostUsd === undefined ? undefined : nanoOf(maxCostUsd),
    }),
    options: defined({ limit, epochs, concurrency }),
  };
}

/** Refuses a model that no program would call. */
function requirePlace(
  { manifest, programs }: Parameters<typeof resolveAgainst>[3],
  taskIndexes: readonly number[],
  asked: { readonly model: string | undefined; readonly judge: string | undefined },
): void {
  const tasks = manifest.tasks.filter(({ index }) => taskIndexes.includes(index));
  if (asked.model !== undefined && !tasks.some((task) => task.ingestionProgram !== undefined)) {
    throw new InvalidInput(
      "model_impossible",
      "This phase has no ingestion program, so nothing would ask a model.",
      { hint: "Send predictions instead: --submission PATH" },
    );
  }
  if (
    asked.judge !== undefined &&
    !tasks.some((task) => programs[task.scoringProgram]?.judgeModel !== undefined)
  ) {
    throw new InvalidInput("judge_unused", "No scoring program of this phase asks for a judge model.", {
      hint: "Leave out --judge, or declare it in the scoring program's metadata.yaml: judge_model: true",
    });
  }
}

/** The model that one program of a job may call. A scorer gets one only where its metadata asks for it. */
export function grantFor(
  against: Against | undefined,
  program: ProgramName,
  metadata: Pick<ProgramMetadata, "judgeModel"> | undefined,
): Grant | undefined {
  if (program === "ingestion") return against?.grants.ingestion;
  return metadata?.judgeModel === undefined ? undefined : against?.grants.scoring;
}

/** What the reader of a task should know: its scoring program asks a judge, and the run gave it none. */
export function judgeNotes(
  against: Against | undefined,
  scorer: Pick<ProgramMetadata, "judgeModel"> | undefined,
): string[] {
  if (scorer?.judgeModel === undefined || against?.grants.scoring !== undefined) return [];
  const madeFor = typeof scorer.judgeModel === "string" ? ` It was made for ${scorer.judgeModel}.` : "";
  return [`Its scoring program asks a judge model, and the run named none: --judge NAME.${madeFor}`];
}

/**
 * Where a program with a model reaches more than the gateway, it must be none that runs what a submitter sent.
 * @throws InvalidInput `executor_missing`, which becomes the run's reason
 */
export function requireNoSubmission({ as, against }: Pick<RunRecord, "as" | "against">): void {
  if (against?.grants.ingestion === undefined || as === "model" || as === "predictions") return;
  throw new InvalidInput(
    "executor_missing",
    "Here a program with a model reaches the internet, so it is given no submission besides.",
    {
      hint: 'Name the model alone, without --submission; or have the operator keep programs to the gateway: modelNetwork: "gateway".',
    },
  );
}

/** What a program with a model finds in its environment. */
export function modelEnvironment(
  grant: Grant,
  { options }: Against,
  at: { readonly url: string; readonly token: string },
): Record<string, string> {
  const { limit, epochs, concurrency } = options;
  const numbers = { BENCHGEN_LIMIT: limit, BENCHGEN_EPOCHS: epochs, BENCHGEN_CONCURRENCY: concurrency };
  const given = Object.entries(numbers).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, String(value)] as const],
  );
  return {
    OPENAI_BASE_URL: at.url,
    OPENAI_API_KEY: at.token,
    MODEL_NAME: grant.model,
    ...Object.fromEntries(given),
  };
}

/** The content of `model.json`: what the ingestion program can read of the model. */
export function modelText({ name, model }: Grant, { options }: Against): string {
  return `${JSON.stringify({ version: 1, name, model, ...options }, null, 2)}\n`;
}

/**
 * What stands where a submission would: a zip with `model.json`, so that the program can read what it is run against.
 * @throws InvalidInput `submission_missing`
 */
export async function createModelSubmission(
  ports: Pick<Ports, "table" | "blobs" | "clock" | "ids">,
  principal: Principal,
  against: Against | undefined,
): Promise<SubmissionRecord> {
  const grant = against?.grants.ingestion;
  if (against === undefined || grant === undefined) {
    throw new InvalidInput("submission_missing", "The run names neither a submission nor a model.", {
      hint: "Send one: --submission PATH, or --model NAME",
    });
  }
  const content = new TextEncoder().encode(modelText(grant, against));
  const member = { path: "model.json", size: content.length, open: async () => once(content) };
  const zip = Buffer.concat(await Array.fromAsync(writeZip([member])));
  const sha256 = createHash("sha256").update(zip).digest("hex");
  await keepContent(ports, { sha256, size: zip.length }, () => zip);
  const record: SubmissionRecord = {
    id: ports.ids.next("sub"),
    workspace: principal.workspace,
    participant: principal.name,
    filename: `${grant.name}.zip`,
    size: zip.length,
    sha256,
    holdsCode: false,
    createdAt: ports.clock.now().toISOString(),
  };
  await ports.table.write([{ kind: "put", item: toItem(tableKey.submission(record.id), record) }]);
  return record;
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

/** What the API says of a run's models. */
export function viewAgainst({ grants, budget, options }: Against) {
  const named = (grant: Grant | undefined) => grant && { name: grant.name, model: grant.model };
  const { calls, tokens, costNano } = budget;
  return defined({
    model: named(grants.ingestion),
    judge: named(grants.scoring),
    modelOptions: options,
    budget: defined({ calls, tokens, costUsd: costNano === undefined ? undefined : usdOf(costNano) }),
  });
}

/** What the API says of a run's calls. The cost is null when any price is unknown. */
export function viewUsage(totals: Totals): RunUsage {
  const { calls, failed, estimated, inputTokens, cachedInputTokens, outputTokens, reasoningTokens } = totals;
  return {
    calls,
    failed,
    estimated,
    inputTokens,
    cachedInputTokens,
    outputTokens,
    reasoningTokens,
    costUsd: totals.unpriced > 0 ? null : usdOf(totals.costNano),
    ...(totals.lastError === undefined ? {} : { lastError: totals.lastError }),
    ...(totals.endedBy === undefined ? {} : { endedBy: totals.endedBy }),
  };
}

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };

function defined<T extends object>(fields: T): Defined<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Defined<T>;
}
