import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { type RunTask, readRunTask } from "./run-task.ts";

interface State {
  readonly Parameters: object;
}
const text = readFileSync(new URL("workflow.asl.json", import.meta.url), "utf8");
const { States } = JSON.parse(text) as {
  States: { Tasks: { ItemProcessor: { States: Record<string, State> } } };
};

const input = {
  runId: "run_01jd0c2v5w8x9y0z1a2b3c4d5e",
  index: 7,
  ingestion: { jobId: "job_01jd0c2v5w8x9y0z1a2b3c4d5e", kind: "ingestion", definition: "i:1", token: "t1" },
  scoring: { jobId: "job_01jd0c2v5w8x9y0z1a2b3c4d5f", kind: "concurrent", definition: "s:1", token: "t2" },
};

/** The parameters of a state as the machine makes them: paths and the two functions this file uses. */
function evaluate(template: unknown): unknown {
  if (Array.isArray(template)) return template.map(evaluate);
  if (typeof template !== "object" || template === null) return template;
  return Object.fromEntries(
    Object.entries(template).map(([name, value]) =>
      name.endsWith(".$") ? [name.slice(0, -2), expression(String(value))] : [name, evaluate(value)],
    ),
  );
}

function expression(text: string): unknown {
  const split = /^States\.StringSplit\('(.*)', ','\)$/.exec(text);
  if (split !== null) return split[1]!.split(",");
  const path = /^States\.Format\('\{\}', (.*)\)$/.exec(text);
  if (path !== null) return String(expression(path[1]!));
  return text
    .split(".")
    .slice(1)
    .reduce<unknown>((value, name) => (value as Record<string, unknown>)[name], input);
}

describe("what the workflow asks of ECS", () => {
  test.each([
    ["Ingest", input.ingestion],
    ["Score", input.scoring],
  ])("%s names the run, the task, and a job with its token", (state, { kind, jobId, definition, token }) => {
    const request = evaluate(States.Tasks.ItemProcessor.States[state]!.Parameters) as RunTask;
    expect(readRunTask(request)).toEqual({
      runId: input.runId,
      taskIndex: 7,
      kind,
      jobId,
      definition,
      token,
    });
  });

  test("is refused when it lacks a token", () => {
    const request = evaluate(States.Tasks.ItemProcessor.States["Score"]!.Parameters) as RunTask;
    expect(() => readRunTask({ ...request, Overrides: { ContainerOverrides: [] } })).toThrow(
      "expected string",
    );
  });
});
