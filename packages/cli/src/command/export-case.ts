import {
  type CaseExportFormat,
  caseExportFormats,
  trainingFormats,
} from "@benchgen/core/wire/case-export.ts";
import type { Run as RunResource } from "@benchgen/core/wire/api.ts";
import { type CaseCounts, caseOutcomes } from "@benchgen/core/wire/case.ts";
import { type Command, Option } from "commander";
import type { Context } from "../context.ts";
import { CliError } from "../error.ts";
import { openCases } from "../file/case-download.ts";
import { saveContent, toStdout } from "../file/download.ts";
import { taskIndex } from "../option.ts";
import { count } from "../output/format.ts";
import { type Text, paint, text } from "../output/text.ts";
import { resolveRun } from "../reference.ts";
import type { Run } from "./command.ts";

interface ExportOptions {
  readonly format: CaseExportFormat;
  readonly all?: boolean;
  readonly outcome?: string;
  readonly category?: string;
  readonly search?: string;
  readonly task?: number;
  readonly output?: string;
  readonly force?: boolean;
  readonly yes?: boolean;
}

/** `export cases`, which is also what `export` without a subcommand is. */
export function caseCommand(command: Command, run: Run): void {
  command
    .argument("[run]", "a run's id (default: the last one)")
    .description("Cases of a run as a file, for fine-tuning or another tool: those that failed.")
    .addOption(new Option("--format <format>", "of the file").choices(caseExportFormats).default("jsonl"))
    .option("--all", "every case, however it ended")
    .addOption(
      new Option("--outcome <outcome>", "those that ended so").choices(caseOutcomes).conflicts("all"),
    )
    .option("--category <name>", "those that failed for this reason, as `benchgen failures` names it")
    .option("--search <text>", "only those that hold this text")
    .option("--task <index>", "only of this task", taskIndex)
    .option("-o, --output <file>", "where to (default: a name that says what it is; - for stdout)")
    .option("--force", "overwrite what is there")
    .option("--yes", "yes, make training data of a private environment");
  command.action((word: string | undefined, options: ExportOptions) =>
    run(command, async (context) => exportCases(context, word, options)),
  );
}

async function exportCases(
  context: Context,
  word: string | undefined,
  options: ExportOptions,
): Promise<undefined> {
  const { out, signal } = context;
  const client = await context.client();
  const id = await resolveRun(context, word);
  const run = await client.getRun(id);
  const warning = await warningOfTargets(context, run, options);
  const { format, all, outcome, category, search: q, task, output, force } = options;
  const query = { format, outcome: all === true ? "all" : outcome, category, q, task };
  const file = await openCases(client, id, query, signal);
  const records = new RecordCounter(format);
  const content = records.counted(file.content);
  if (output === "-") {
    await toStdout(content);
  } else {
    const path = output ?? file.filename;
    await saveContent(content, path, { force: force === true, signal });
    const { environment, version } = run;
    out.data({ type: "saved", path, records: records.count, environment, version, run: id });
    // Formats for fine-tuning have no field for it, and a name that was chosen may not say it.
    out.print(
      text`Saved ${count(records.count, "case")} of ${environment}@${version}, ${id}, in ${paint.bold(path)}`,
    );
  }
  if (records.count > 0 && warning !== undefined) out.complain(warning);
  const asked = countAsked(run, options) ?? 0;
  if (records.count > 0 && records.count < asked) {
    out.note(
      text`Left out for want of what "${format}" is made of: ${asked - records.count} of the ${count(asked, "case")} asked for (docs/read-results.md).`,
    );
  }
  if (records.count === 0) {
    const matching = all === true ? "None has" : "None matches, or none has";
    const wider = all === true ? "" : " With --all every case is taken.";
    out.note(text`${matching} what "${format}" is made of (docs/read-results.md).${wider}`);
  }
  return undefined;
}

/** How many cases are meant; undefined where only a look at all of them would tell. */
function countAsked({ tasks }: RunResource, options: ExportOptions): number | undefined {
  const { all, outcome = "failed", category, search, task } = options;
  if (category !== undefined || search !== undefined) return undefined;
  const counts = tasks.flatMap(({ index, cases }) =>
    cases === undefined || (task !== undefined && index !== task) ? [] : [cases],
  );
  const ofOne = ({ total, passed, failed, errored, notScored }: CaseCounts): number => {
    if (all === true) return total;
    if (outcome === "passed") return passed;
    return outcome === "failed" ? failed : errored + notScored;
  };
  return counts.reduce((sum, each) => sum + ofOne(each), 0);
}

/**
 * Whoever trains on the expected answers of a benchmark can no longer measure anything with it.
 * @returns what to say of a file that holds some; undefined of a public environment
 * @throws CliError `targets_private` when it is made for training and nobody said yes
 */
async function warningOfTargets(
  context: Context,
  { environmentId, environment }: RunResource,
  { format, yes }: ExportOptions,
): Promise<Text | undefined> {
  const { visibility } = await (await context.client()).getEnvironment(environmentId);
  if (visibility === "public") return undefined;
  const what = `"${environment}" is private, and this file holds its expected answers`;
  if (trainingFormats.includes(format) && yes !== true) {
    throw new CliError(
      "targets_private",
      `${what}: a model trained on them can no longer be measured by it.`,
      {
        hint: "If that is what you want, add --yes.",
      },
    );
  }
  return text`${paint.yellow("warning")} ${what}: whoever trains on them spoils it as a benchmark.`;
}

/** Counts records as they pass: lines; of CSV, where quoted cells hold line ends, CRLF outside of quotes, less the header. */
class RecordCounter {
  #lines = 0;
  #quoted = false;
  readonly #isCsv: boolean;

  constructor(format: CaseExportFormat) {
    this.#isCsv = format === "csv";
  }

  /** The same content. */
  async *counted(content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of content) {
      for (const byte of chunk) {
        if (this.#isCsv && byte === 0x22) this.#quoted = !this.#quoted;
        else if (byte === 0x0a && !this.#quoted) this.#lines++;
      }
      yield chunk;
    }
  }

  get count(): number {
    return Math.max(0, this.#lines - (this.#isCsv ? 1 : 0));
  }
}
