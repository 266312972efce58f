/** A task of each suite, from `benchgen init --from` to scores and cases; the model computes its answers, some wrongly. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Solver, type SolverOptions, startSolver } from "@benchgen/cli/solver/server.ts";
import { complete } from "@benchgen/cli/solver/completion.ts";
import type { SuiteName } from "@benchgen/cli/suite/suite.ts";
import { usageByCase } from "@benchgen/core/gateway/gather.ts";
import { type CreateRun, type Run, modelSchema, pageOf } from "@benchgen/core/wire/api.ts";
import { type CaseSummary, caseSummarySchema } from "@benchgen/core/wire/case.ts";
import { blobKey } from "@benchgen/core/wire/key.ts";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { filesIn } from "../support/bundle.ts";
import { runCommand } from "../support/command.ts";
import { type Actor, type Pipeline, openPipeline } from "../support/pipeline.ts";
import { installed } from "./installed.ts";

const tasks = fileURLToPath(new URL("../../examples/suite", import.meta.url));
const skill = { errorRate: 0.3, refusalRate: 0, seed: "suite" };

interface Subject {
  readonly suite: SuiteName;
  readonly task: string;
  /** The file with the suite's log among what the ingestion program wrote. */
  readonly log: string;
  /** The ids of the first cases, in order. */
  readonly ids: readonly string[];
  /** What the suite itself reports of the run, out of its log. */
  readonly reported: (log: string) => number;
}

const subjects: readonly Subject[] = [
  {
    suite: "inspect",
    task: "arithmetic.py@arithmetic",
    log: "log.json",
    ids: ["q01", "q02"],
    reported: (log) => {
      const { results } = JSON.parse(log) as {
        results: { scores: { metrics: { accuracy: { value: number } } }[] };
      };
      return results.scores[0]!.metrics.accuracy.value;
    },
  },
  {
    suite: "lm_eval",
    task: "arithmetic.yaml",
    log: "log.json",
    ids: ["benchgen_arithmetic/0", "benchgen_arithmetic/1"],
    reported: (log) => {
      const { epochs } = JSON.parse(log) as {
        epochs: { results: Record<string, Record<string, number>> }[];
      };
      return epochs[0]!.results["benchgen_arithmetic"]!["exact_match,first-number"]!;
    },
  },
  {
    suite: "verifiers",
    task: "arithmetic",
    log: "log.jsonl",
    ids: ["q01", "q02"],
    reported: (log) => {
      const rewards = log
        .trim()
        .split("\n")
        .map((line) => (JSON.parse(line) as { reward: number }).reward);
      return rewards.reduce((sum, reward) => sum + reward, 0) / rewards.length;
    },
  },
  {
    suite: "lighteval",
    task: "arithmetic.py@sums_and_products",
    log: "log.json",
    ids: ["sums_and_products/0", "sums_and_products/1"],
    reported: (log) => {
      const { epochs } = JSON.parse(log) as {
        epochs: { results: Record<string, Record<string, number>> }[];
      };
      return epochs[0]!.results["sums_and_products|0"]!["em"]!;
    },
  },
  {
    suite: "helm",
    task: "arithmetic.py@arithmetic",
    log: "log.json",
    ids: ["id0", "id1"],
    reported: (log) => {
      const { epochs } = JSON.parse(log) as {
        epochs: { stats: { name: { name: string }; mean: number }[] }[];
      };
      return epochs[0]!.stats.find(({ name }) => name.name === "exact_match")!.mean;
    },
  },
];

/** What is asked, and what is right; the same for every suite. */
const questions = readFileSync(join(tasks, "inspect", "cases.jsonl"), "utf8")
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line) as { input: string; target: string });

function answersRightly({ input, target }: (typeof questions)[number]): boolean {
  const { content } = complete({ model: "solver", messages: [{ role: "user", content: input }] }, skill);
  return content === target;
}

describe.each(subjects)("a task of $suite", ({ suite, task, log, ids, reported }) => {
  const environment = installed(suite);
  let home: string;
  let pipeline: Pipeline;
  let author: Actor;
  let solver: Solver | undefined;
  let models = 0;

  beforeAll(async () => {
    if (environment === undefined) return;
    home = mkdtempSync(join(tmpdir(), "benchgen-suite-"));
    const from = `${suite}:${join(tasks, suite, task)}`;
    const words = [
      "init",
      join(home, "mine"),
      "--from",
      from,
      "--python",
      join(environment, "bin", "python"),
    ];
    const { code, stdout, stderr } = await runCommand(words, { home });
    expect({ code, stderr: code === 0 ? "" : stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toContain("20 cases");
    pipeline = await openPipeline({ expose: [environment] });
    author = await pipeline.actor("ada", "author");
    const version = await author.push(filesIn(join(home, "mine", "bundle")), { environment: "mine" });
    expect(version.findings).toEqual([]);
  });
  afterAll(async () => {
    if (environment === undefined) return;
    rmSync(home, { recursive: true });
    await pipeline?.close();
  });
  afterEach(() => solver?.close());

  async function evaluate(options: SolverOptions = {}, more: Partial<CreateRun> = {}): Promise<Run> {
    solver = await startSolver({ ...skill, ...options });
    models += 1;
    const name = `solver-${models}`;
    await author.json(modelSchema, "POST", "/models", { name, baseUrl: solver.url, model: "solver" });
    return author.ended((await author.start({ environment: "mine", model: name, ...more })).id);
  }

  async function casesOf(run: Run): Promise<CaseSummary[]> {
    return (await author.json(pageOf(caseSummarySchema), "GET", `/runs/${run.id}/cases?limit=100`)).items;
  }

  /** The log that the suite left, out of what the ingestion program wrote. */
  async function logOf(run: Run): Promise<string> {
    const key = blobKey.jobFile(run.id, 0, "ingestion", "output.zip");
    const zip = join(home, "output.zip");
    writeFileSync(zip, (await pipeline.api.local.ports.blobs.get(key))!);
    const script =
      "import sys, zipfile; sys.stdout.write(zipfile.ZipFile(sys.argv[1]).read(sys.argv[2]).decode())";
    return execFileSync("python3", ["-c", script, zip, log], { encoding: "utf8" });
  }

  it.skipIf(environment === undefined)("is scored as the suite scores it, and has every case", async () => {
    const run = await evaluate();
    expect(run).toMatchObject({
      status: "succeeded",
      scores: { coverage: 1 },
      usage: { calls: 20, failed: 0 },
    });
    const right = questions.map(answersRightly);
    expect(run.scores["score"]).toBe(right.filter(Boolean).length / 20);
    expect(run.scores["score"]).toBe(reported(await logOf(run)));
    const cases = await casesOf(run);
    expect(cases.map(({ outcome }) => outcome.status === "passed")).toEqual(right);
    expect(cases.slice(0, 2)).toMatchObject(
      questions.slice(0, 2).map(({ input, target }, index) => ({ id: ids[index], input, target })),
    );
    const measured = await usageByCase(pipeline.api.local.ports, run.id, 0);
    expect(measured.get(`1#${ids[0]}`)).toMatchObject({ calls: 1, model: "solver" });
    expect(measured.size).toBe(20);
  });

  it.skipIf(environment === undefined)("takes the first cases only, and repeats them", async () => {
    const run = await evaluate({}, { limit: 3, epochs: 2, concurrency: 2 });
    expect(run).toMatchObject({ status: "succeeded", scores: { coverage: 0.15 }, usage: { calls: 6 } });
    expect((await casesOf(run)).map(({ epoch }) => epoch).toSorted((a, b) => a - b)).toEqual([
      1, 1, 1, 2, 2, 2,
    ]);
  });

  it.skipIf(environment === undefined)(
    "keeps what its budget was enough for, apart from what it was not",
    async () => {
      const run = await evaluate({ errorRate: 0 }, { maxCalls: 5, concurrency: 1 });
      expect(run).toMatchObject({
        status: "succeeded",
        reason: { code: "limit" },
        scores: { score: 1, coverage: 0.25 },
      });
      const outcomes = (await casesOf(run)).map(({ outcome }) => outcome.status);
      expect(outcomes.filter((status) => status === "passed")).toHaveLength(5);
      expect(outcomes.filter((status) => status === "not_scored")).toHaveLength(15);
    },
  );
});
