/** Makes the bundle that runs a suite's task: the suite itself, on the author's machine, says what the task is. */
import { cp, mkdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { runTool } from "@benchgen/local/executor/tool.ts";
import * as z from "zod";
import { CliError, exitCode } from "../error.ts";
import { type SuiteTask, suiteTemplates, suites } from "./suite.ts";
import { copyTaskFiles } from "./task-file.ts";

/** Loading a task may download its data. */
const exportTimeoutMs = 60 * 60 * 1000;

const answerSchema = z.union([
  z.object({ error: z.object({ code: z.string(), message: z.string() }) }),
  z.object({
    cases: z.int().nonnegative(),
    /** What the first metric is called, for the leaderboard. */
    metric: z.string().min(1),
    higher_is_better: z.boolean(),
    /** Keys of scores.json. */
    metrics: z.array(z.string()),
    /** Of the suite, as it is installed. */
    version: z.string(),
    /** `3.12`. */
    python: z.string(),
    /** For BENCHGEN_EXPOSE: where this Python is, as far as that is not in `/usr`. */
    expose: z.array(z.string()),
  }),
]);

/** What was found about the task. */
export type SuiteAnswer = Exclude<z.infer<typeof answerSchema>, { error: unknown }>;

export interface SuiteRequest extends SuiteTask {
  readonly args: Readonly<Record<string, unknown>>;
  /** The Python that has the suite: a path, or a name on the PATH. */
  readonly python: string;
  /** Of the environment. */
  readonly title: string;
  /** Ends the suite's Python. */
  readonly signal: AbortSignal;
}

/**
 * Fills an empty directory: `bundle/`, and beside it what helps to run it.
 * @throws CliError `suite_missing`, `task_unusable`, `python_missing`, and what `copyTaskFiles` throws
 */
export async function makeSuiteBundle(draft: string, request: SuiteRequest): Promise<SuiteAnswer> {
  for (const template of suiteTemplates(request.suite)) await cp(template, draft, { recursive: true });
  const inputData = join(draft, "bundle", "input_data");
  await mkdir(join(inputData, "task"), { recursive: true });
  const { suite, task, args } = request;
  await writeFile(
    join(inputData, "suite.json"),
    JSON.stringify({ suite, package: suites[suite].package, task, args }),
  );
  if (request.source !== undefined) await copyTaskFiles(request.source, join(inputData, "task"));
  const answer = await exportTask(draft, request);
  await fillIn(draft, request, answer);
  await rm(join(draft, "export.py"));
  return answer;
}

async function exportTask(draft: string, request: SuiteRequest): Promise<SuiteAnswer> {
  const { python, suite, signal } = request;
  const path = join(draft, "answer.json");
  const { code, stderr, stdout } = await runTool([python, join(draft, "export.py"), draft, path], {
    timeoutMs: exportTimeoutMs,
    // As the author's shell has it: proxies, tokens and caches of data are named there.
    environment: process.env,
    signal,
  });
  signal.throwIfAborted();
  const text = await readFile(path, "utf8").catch(() => undefined);
  await rm(path, { force: true });
  if (text === undefined) {
    const said = stderr.trim().split("\n").at(-1) ?? "";
    throw new CliError(
      code === null ? "python_missing" : "task_unusable",
      `${python} ${code === null ? "cannot be run" : "could not load the task"}: ${said}`,
      { hint: `Name the Python that has ${suites[suite].package}: --python /opt/venv/bin/python` },
    );
  }
  const answer = answerSchema.parse(JSON.parse(text));
  if (!("error" in answer)) return answer;
  const { code: problem, message } = answer.error;
  const missing = problem === "suite_missing";
  throw new CliError(problem, message, {
    hint: missing
      ? "Or name the Python that has it: --python /opt/venv/bin/python"
      : ((await ownTaskHint(request)) ?? "Set BENCHGEN_DEBUG=1 to see all that it printed."),
    exit: missing ? exitCode.usage : exitCode.failed,
    cause: new Error(`${stdout}${stderr}`),
  });
}

/** A path is told from the name of an installed task by its beginning or its end: one that has neither is mistaken. */
async function ownTaskHint({ suite, task, source }: SuiteTask): Promise<string | undefined> {
  const path = task.split("@")[0]!;
  const isThere =
    source === undefined &&
    (await stat(path).then(
      () => true,
      () => false,
    ));
  return isThere ? `For your own ${path} put a dot in front: --from ${suite}:./${task}` : undefined;
}

/** The files with something to fill in, and how text is written there. */
const filled: Readonly<Record<string, (text: string) => string>> = {
  "README.md": plain,
  Dockerfile: plain,
  "bundle/pages/overview.md": plain,
  "bundle/competition.yaml": (text) => JSON.stringify(text).slice(1, -1),
};

function plain(text: string): string {
  return text;
}

async function fillIn(draft: string, request: SuiteRequest, answer: SuiteAnswer): Promise<void> {
  const values: Readonly<Record<string, string>> = {
    title: request.title,
    suite: request.suite,
    suiteTitle: suites[request.suite].title,
    task: request.task,
    version: answer.version,
    python: answer.python,
    cases: String(answer.cases),
    metric: answer.metric,
    metrics: answer.metrics.map((key) => `\`${key}\``).join(", "),
    sorting: answer.higher_is_better ? "desc" : "asc",
    expose: answer.expose.length > 0 ? answer.expose.join(delimiter) : "/opt/venv",
  };
  for (const [name, write] of Object.entries(filled)) {
    const path = join(draft, name);
    const text = await readFile(path, "utf8");
    const done = text.replaceAll(/\{\{(\w+)\}\}/g, (whole, key: string) => {
      const value = values[key];
      return value === undefined ? whole : write(value);
    });
    await writeFile(path, done);
  }
}
