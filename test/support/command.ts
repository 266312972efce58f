/** The `benchgen` command as a process of its own, as people and scripts start it. */
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

export const binary = fileURLToPath(new URL("../../packages/cli/bin/benchgen.js", import.meta.url));

export interface CommandResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Each line of stdout, parsed. Only with --json. */
  readonly records: Record<string, unknown>[];
}

export interface RunningCommand {
  readonly child: ChildProcessWithoutNullStreams;
  readonly result: Promise<CommandResult>;
  /** Resolves with stdout so far once it holds that text; rejects when the process ends before. */
  untilStdout(text: string): Promise<string>;
}

export interface CommandOptions {
  readonly home: string;
  /** Beside PATH and HOME. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Default: the Node that runs the tests. */
  readonly node?: string;
  readonly nodeOptions?: readonly string[];
  /** What is piped into it. */
  readonly input?: string;
}

/** Starts it. Whoever starts one waits for its `result`. */
export function startCommand(words: readonly string[], options: CommandOptions): RunningCommand {
  const { home, environment = {}, node = process.execPath, nodeOptions = [] } = options;
  const child = spawn(node, [...nodeOptions, binary, ...words], {
    env: { PATH: process.env["PATH"], HOME: home, BENCHGEN_HOME: home, ...environment },
  });
  child.stdin.end(options.input ?? "");
  const output = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => (output.stdout += chunk));
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => (output.stderr += chunk));
  const result = new Promise<CommandResult>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, ...output, records: parseLines(output.stdout) }));
  });
  const untilStdout = (text: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        if (output.stdout.includes(text)) resolve(output.stdout);
      };
      child.stdout.on("data", look);
      child.on("close", () =>
        reject(new Error(`it ended without "${text}":\n${output.stdout}${output.stderr}`)),
      );
      look();
    });
  return { child, result, untilStdout };
}

/** Runs it to its end. */
export async function runCommand(words: readonly string[], options: CommandOptions): Promise<CommandResult> {
  return await startCommand(words, options).result;
}

function parseLines(stdout: string): Record<string, unknown>[] {
  return stdout.split("\n").flatMap((line) => {
    try {
      return [JSON.parse(line) as Record<string, unknown>];
    } catch {
      return [];
    }
  });
}
