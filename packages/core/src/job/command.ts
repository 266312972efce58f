/**
 * The command of a program's metadata, made into the words that are executed. Source: bundle contract §4, which follows
 * the upstream worker: variables are replaced in the text, then the text is split like a shell would, then run without one.
 */
import { InvalidInput } from "../error.ts";
import type { ProgramName } from "../wire/job.ts";
import { splitCommand } from "./split-command.ts";

/** The value of every variable, for each program. In a concurrent job each program has its own column. */
export const commandVariables: Readonly<Record<ProgramName, Readonly<Record<string, string>>>> = {
  ingestion: {
    program: "/app/program",
    ingestion_program: "/app/program",
    input: "/app/input_data",
    input_data: "/app/input_data",
    output: "/app/output",
    tmp: "/app/output",
    submission_program: "/app/ingested_program",
    hidden: "/app/input/ref",
    predictions: "/app/output",
    shared: "/app/shared",
  },
  scoring: {
    program: "/app/program",
    ingestion_program: "/app/program",
    input: "/app/input",
    input_data: "/app/input_data",
    output: "/app/output",
    tmp: "/app/output",
    submission_program: "/app/ingested_program",
    hidden: "/app/input/ref",
    predictions: "/app/input/res",
    shared: "/app/shared",
  },
};

// Longest first, so that `$input_data` is not read as `$input` followed by `_data`.
const names = Object.keys(commandVariables.scoring).sort((a, b) => b.length - a.length);
const variable = new RegExp(`\\$(?:\\{(${names.join("|")})\\}|(${names.join("|")}))`, "g");

/**
 * The words to execute. Like upstream, a name is matched wherever it begins (`$outputs` is `/app/outputs`), inside quotes
 * too; any other `$word` stays as it is written.
 * @throws InvalidInput `command_unreadable` when it cannot be split, `command_empty` when no word is left
 */
export function substitute(command: string, program: ProgramName): string[] {
  const values = commandVariables[program];
  const text = command.replace(
    variable,
    (whole, braced?: string, bare?: string) => values[braced ?? bare ?? ""] ?? whole,
  );
  const argv = splitCommand(text);
  if (argv.length === 0 || argv[0] === "") {
    throw new InvalidInput("command_empty", `The ${program} program's command names nothing to run.`, {
      hint: "Write a command in the program's metadata.yaml, like: command: python3 score.py $input $output",
    });
  }
  return argv;
}
