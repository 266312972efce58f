import {
  type CaseDetail,
  type CaseReference,
  type CaseSummary,
  caseOutcomes,
} from "@benchgen/core/wire/case.ts";
import type { Run } from "@benchgen/core/wire/api.ts";
import type { RunId } from "@benchgen/core/wire/id.ts";
import { Option } from "commander";
import { maxPage } from "../client/client.ts";
import type { Context } from "../context.ts";
import { CliError } from "../error.ts";
import { positiveInteger, taskIndex } from "../option.ts";
import { renderCase, renderCases } from "../output/case.ts";
import { count } from "../output/format.ts";
import { type Text, text } from "../output/text.ts";
import { resolveRun } from "../reference.ts";
import type { Register } from "./command.ts";

interface CasesOptions {
  readonly failed?: boolean;
  readonly outcome?: CaseSummary["outcome"]["status"];
  readonly category?: string;
  readonly search?: string;
  readonly task?: number;
  readonly limit: number;
}

/** A case as it is asked for. */
interface CaseSought extends Omit<CaseReference, "task"> {
  readonly task?: number;
}

/** `cases` and `case`: what a run's cases were, all of them or one. */
export const registerCases: Register = (program, run) => {
  const cases = program
    .command("cases")
    .argument("[run]", "a run's id (default: the last one)")
    .description("List a run's cases: what was asked, answered and expected, and how each ended.")
    .option("--failed", "only those that failed")
    .addOption(
      new Option("--outcome <outcome>", "only those that ended so").choices(caseOutcomes).conflicts("failed"),
    )
    .option("--category <name>", "only those that failed for this reason, as `benchgen failures` names it")
    .option("--search <text>", "only those that hold this text")
    .option("--task <index>", "only of this task", taskIndex)
    .option("--limit <n>", "how many", positiveInteger, 50);
  cases.action((word: string | undefined, options: CasesOptions) =>
    run(cases, async (context) => listCases(context, word, options)),
  );
  const one = program
    .command("case")
    .usage("[options] [run] <id>")
    .argument("<case>", "the case's id, or before it a run's id (default: the last run)")
    .argument("[id]", "the case's id")
    .description("Show one case, whole.")
    .option("--task <index>", "of this task (default: the one that has it)", taskIndex)
    .option("--epoch <n>", "which repeat", positiveInteger, 1);
  one.action((first: string, second: string | undefined, options: Omit<CaseSought, "id">) =>
    run(one, async (context) => {
      const [word, id] = second === undefined ? [undefined, first] : [first, second];
      await showCase(context, word, { ...options, id });
    }),
  );
};

async function listCases(
  context: Context,
  word: string | undefined,
  options: CasesOptions,
): Promise<undefined> {
  const { out } = context;
  const id = await resolveRun(context, word);
  const { cases, more } = await readCases(context, id, options);
  for (const shown of cases) out.data({ type: "case", run: id, ...shown });
  if (cases.length > 0) {
    out.print(renderCases(cases, out.columns));
    if (more) out.note(text`\nThere are more: benchgen cases ${id} --limit ${options.limit * 10}`);
    out.note(text`\nOne of them, whole: benchgen case ${id} ID`);
    return;
  }
  out.note(whyNone(await (await context.client()).getRun(id)));
}

function whyNone({ id, tasks }: Run): Text {
  const counts = tasks.flatMap(({ cases }) => cases ?? []);
  const total = counts.reduce((sum, count) => sum + count.total, 0);
  if (total > 0) return text`None of its ${count(total, "case")} matches.`;
  return counts.length > 0
    ? text`This run has no cases: nothing in its results.jsonl could be read as one. What is wrong with it: benchgen report ${id}`
    : text`This run has no cases: its scoring program wrote no results.jsonl (docs/write-an-environment.md).`;
}

/** Goes on through pages that are short or empty: a search gives what it has found so far. */
async function readCases(
  context: Context,
  id: RunId,
  { failed, outcome, category, search, task, limit }: CasesOptions,
): Promise<{ cases: CaseSummary[]; more: boolean }> {
  const client = await context.client();
  const cases: CaseSummary[] = [];
  let cursor: string | undefined;
  do {
    context.checkInterrupted();
    const page = await client.listCases(id, {
      outcome: failed === true ? "failed" : outcome,
      category,
      q: search,
      task,
      cursor,
      limit: Math.min(maxPage, limit - cases.length),
    });
    cases.push(...page.items);
    cursor = page.cursor;
  } while (cursor !== undefined && cases.length < limit);
  return { cases, more: cursor !== undefined };
}

async function showCase(context: Context, word: string | undefined, sought: CaseSought): Promise<undefined> {
  if (sought.id === "") {
    throw new CliError("case_invalid", "A case's id has at least one character.", {
      hint: "List them with: benchgen cases",
    });
  }
  const id = await resolveRun(context, word);
  const found = await findCase(context, id, sought);
  context.out.data({ type: "case", run: id, ...found });
  context.out.print(renderCase(found));
}

/**
 * In whichever task has it, where none is named.
 * @throws CliError `case_ambiguous` when several have it
 */
async function findCase(context: Context, run: RunId, { task, ...sought }: CaseSought): Promise<CaseDetail> {
  const client = await context.client();
  if (task !== undefined) return client.getCase(run, { ...sought, task });
  const { tasks } = await client.getRun(run);
  const [first = 0, ...others] = tasks.filter(({ cases }) => cases?.total).map(({ index }) => index);
  if (others.length === 0) return client.getCase(run, { ...sought, task: first });
  const found: CaseDetail[] = [];
  for (const index of [first, ...others]) {
    context.checkInterrupted();
    const one = await client.getCase(run, { ...sought, task: index }).catch((error: unknown) => {
      if (error instanceof CliError && error.code === "not_found") return undefined;
      throw error;
    });
    if (one !== undefined) found.push(one);
  }
  if (found.length > 1) {
    const places = found.map(({ task: index }) => index);
    throw new CliError("case_ambiguous", `Tasks ${places.join(", ")} have a case "${sought.id}" each.`, {
      hint: `Say which: --task ${places[0]}`,
    });
  }
  // That none has it is said by the server, with what may be meant.
  return found[0] ?? client.getCase(run, { ...sought, task: first });
}
