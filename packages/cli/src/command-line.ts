/** From words to an exit code: parses the command line, runs one command, and says what went wrong. */
import { Command, CommanderError, Option } from "commander";
import { everyCommand } from "./command/all.ts";
import type { Handler } from "./command/command.ts";
import { Context, type GlobalOptions } from "./context.ts";
import { CliError, type ExitCode, Interrupted, exitCode, toCliError } from "./error.ts";
import { renderFinding } from "./output/finding.ts";
import { Output, type Sink } from "./output/output.ts";
import { lines, paint, text } from "./output/text.ts";
import { version } from "./version.ts";

export interface Surroundings {
  readonly stdout: Sink;
  readonly stderr: Sink;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Aborted to ask the command to end: Ctrl-C. */
  readonly signal: AbortSignal;
}

const afterHelp = `
Without a server (no login, no --url, no BENCHGEN_URL) every command works in this process, on the data directory.

  benchgen demo                                       the whole pipeline in a minute
  benchgen init my-env && benchgen validate my-env/bundle
  benchgen run my-env/bundle --submission my-env/submission

Exit codes: 0 done, 1 it failed, 2 it was asked wrongly, 130 interrupted.`;

/** @param words the command line, without the program's own name */
export async function runCommandLine(words: readonly string[], around: Surroundings): Promise<ExitCode> {
  let code: ExitCode = exitCode.done;
  const program = newProgram(around);
  const run = async (command: Command, handler: Handler): Promise<void> => {
    code = await runHandler(command.optsWithGlobals(), handler, around);
  };
  for (const register of everyCommand) register(program, run);
  try {
    await program.parseAsync([...words], { from: "user" });
    return code;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return exitCode.done;
    // Help for a command that needs a subcommand was printed already.
    if (error.code === "commander.help") return exitCode.usage;
    const message = error.message.replace(/^error: /, "");
    const usage = new CliError("usage", message, {
      hint: `See: ${namedCommand(program, words)} --help`,
    });
    return report(usage, newOutput({ json: words.includes("--json") }, around), around);
  }
}

/** The command that words name, as it is typed: `benchgen env list`. */
function namedCommand(program: Command, words: readonly string[]): string {
  const named = [program];
  for (const word of words) {
    const next = named.at(-1)?.commands.find((command) => command.name() === word);
    if (next !== undefined) named.push(next);
    else if (named.length > 1) break;
  }
  return named.map((command) => command.name()).join(" ");
}

function newProgram(around: Surroundings): Command {
  return new Command("benchgen")
    .description("Evaluates submissions against environments, and ranks them.")
    .version(version, "-V, --version")
    .option("--json", "one JSON object a line on stdout")
    .option("-q, --quiet", "no progress, results only")
    .option("--no-color", "no colours (also: NO_COLOR)")
    .option("--home <dir>", "data directory (default: BENCHGEN_HOME, else ~/.benchgen)")
    .option(
      "--url <url>",
      "a server to talk to (default: BENCHGEN_URL, else where you logged in, else this process)",
    )
    .addOption(new Option("--local", "work in this process, logged in or not").conflicts("url"))
    .option(
      "--token <token>",
      "who you are to that server (default: BENCHGEN_TOKEN, else what you logged in with)",
    )
    .addHelpText("after", afterHelp)
    .showSuggestionAfterError()
    .exitOverride()
    .configureOutput({
      writeOut: (help) => around.stdout.write(help),
      writeErr: (help) => around.stderr.write(help),
      // Printed once, by `report`.
      outputError: () => {},
    });
}

function newOutput(options: GlobalOptions, around: Surroundings): Output {
  const { environment, stdout, stderr } = around;
  const wanted = options.color !== false && !environment["NO_COLOR"] && environment["TERM"] !== "dumb";
  return new Output({
    stdout,
    stderr,
    json: options.json === true,
    quiet: options.quiet === true,
    color: wanted,
  });
}

async function runHandler(options: GlobalOptions, handler: Handler, around: Surroundings): Promise<ExitCode> {
  const { environment, signal } = around;
  const out = newOutput(options, around);
  let context: Context | undefined;
  try {
    context = new Context({ out, options, signal, environment });
    return (await handler(context)) ?? exitCode.done;
  } catch (error) {
    return await report(error, out, around);
  } finally {
    await context?.end().catch(async (error: unknown) => report(error, out, around));
  }
}

/** Tells what was thrown: findings first, then one message and what to type. With --json, one last line. */
async function report(thrown: unknown, out: Output, around: Surroundings): Promise<ExitCode> {
  // Whatever an interrupt broke off, the interrupt is the reason.
  const interrupted = around.signal.aborted && !(thrown instanceof Interrupted);
  const error = interrupted ? new Interrupted() : toCliError(thrown);
  const { code, message, hint, findings } = error;
  if (out.json) {
    out.data({
      type: "error",
      code,
      message,
      ...(hint === undefined ? {} : { hint }),
      ...(findings.length === 0 ? {} : { findings }),
    });
  } else {
    // Of a request with one mistake the message says all there is to say.
    const told = findings.filter(
      (finding) => finding.hint !== undefined || !message.includes(finding.message),
    );
    for (const finding of told) out.complain(await renderFinding(finding));
    out.complain(text`${paint.red(error instanceof Interrupted ? "stopped" : "error")} ${message}`);
    if (hint !== undefined) out.complain(text`  ${paint.cyan("hint:")} ${hint}`);
  }
  if (around.environment["BENCHGEN_DEBUG"]) out.complain(paint.dim(lines(stackOf(thrown))));
  return error.exit;
}

function stackOf(thrown: unknown): string {
  const parts: string[] = [];
  for (let at = thrown; at instanceof Error; at = at.cause) parts.push(at.stack ?? at.message);
  return parts.join("\ncaused by ");
}
