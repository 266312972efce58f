/** Every example: its solution is verified, the version published, and each submission ends as its oracle says. */
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Run } from "@benchgen/core/wire/api.ts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { filesIn } from "../support/bundle.ts";
import { type Pipeline, openPipeline } from "../support/pipeline.ts";

/** What `examples/<name>/expected.json` says of a submission, by its path below the example. */
type Expected = { readonly as?: Run["as"] } & (
  | {
      readonly status: "succeeded";
      readonly scores: Scores;
      readonly tasks?: readonly { readonly index: number; readonly scores: Scores }[];
    }
  | { readonly status: "failed"; readonly reason: string; readonly messageIncludes: string }
);
type Scores = Readonly<Record<string, number>>;

const root = fileURLToPath(new URL("../../examples/", import.meta.url));
const hasPython = existsSync("/usr/bin/python3");
if (!hasPython) console.warn("NOT TESTED: examples in Python: there is no /usr/bin/python3 here.");

// What has no bundle is made into one by a command, and tested with it.
const names = readdirSync(root).filter((name) => existsSync(join(root, name, "bundle")));
const examples = names.map((name) => {
  const oracle = join(root, name, "expected.json");
  const expected = JSON.parse(readFileSync(oracle, "utf8")) as Record<string, Expected>;
  const bundle = filesIn(join(root, name, "bundle"));
  const usesPython = Object.keys(bundle).some((path) => path.endsWith(".py"));
  return { name, expected, bundle, skipped: usesPython && !hasPython };
});

let pipeline: Pipeline;
beforeAll(async () => {
  pipeline = await openPipeline();
});
afterAll(() => pipeline.close());

describe.each(examples)("the example $name", ({ name, expected, bundle, skipped }) => {
  it.skipIf(skipped)(
    "is published once its solution is verified, and scores submissions as it says",
    async () => {
      const author = await pipeline.actor(`author-of-${name}`, "author");
      const version = await author.push(bundle, { environment: name });
      expect(version).toMatchObject({ status: "published", environment: name });
      expect(version.verifications.length).toBeGreaterThan(0);

      for (const [path, oracle] of Object.entries(expected)) {
        const as = oracle.as === undefined ? {} : { as: oracle.as };
        const run = await author.evaluate(name, filesIn(join(root, name, path)), as);
        expectAsSaid(`${name}/${path}`, run, oracle);
      }
      const succeeded = Object.values(expected).filter(({ status }) => status === "succeeded");
      const rows = await author.board(name);
      expect(rows.length).toBeGreaterThan(0);
      expect(rows.length).toBeLessThanOrEqual(succeeded.length);
    },
  );
});

function expectAsSaid(label: string, run: Run, oracle: Expected): void {
  expect([label, run.status, run.reason?.code]).toEqual([
    label,
    oracle.status,
    oracle.status === "failed" ? oracle.reason : undefined,
  ]);
  if (oracle.status === "failed") {
    const reasons = [run.reason, ...run.tasks.map(({ reason }) => reason)];
    const told = reasons.map((reason) => `${reason?.message}\n${reason?.stderrTail}`).join("\n");
    expect(told).toContain(oracle.messageIncludes);
    return;
  }
  expectScores(label, run.scores, oracle.scores);
  for (const { index, scores } of oracle.tasks ?? []) {
    const task = run.tasks.find((each) => each.index === index);
    expectScores(`${label}, task ${index}`, task?.scores, scores);
  }
}

/** The same keys, and values that differ by no more than how a platform adds floating-point numbers. */
function expectScores(label: string, found: Scores = {}, wanted: Scores): void {
  expect([label, Object.keys(found).sort()]).toEqual([label, Object.keys(wanted).sort()]);
  for (const [key, value] of Object.entries(wanted)) {
    expect(Math.abs(found[key]! - value), `${label}: ${key}`).toBeLessThanOrEqual(1e-9);
  }
}
