import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Json } from "@benchgen/core/ports.ts";
import { readMachine } from "./definition.ts";
import type { State } from "./language.ts";

const task = { Type: "Task", Resource: "x", TimeoutSeconds: 5, End: true };

function read(states: Record<string, unknown>, handlers: string[] = ["Work"], more: object = {}) {
  const [StartAt] = Object.keys(states);
  return readMachine({ StartAt, States: states, ...more }, { handlers, maxConcurrency: 3 });
}

function problemsOf(states: Record<string, unknown>, handlers?: string[], more?: object): unknown {
  try {
    read(states, handlers, more);
    return [];
  } catch (error) {
    return (error as { details: { problems: string[] } }).details.problems;
  }
}

const map = (inner: Record<string, unknown>, more: object = {}): Record<string, unknown> => ({
  Each: {
    Type: "Map",
    ItemProcessor: { StartAt: Object.keys(inner)[0], States: inner },
    End: true,
    ...more,
  },
});

describe("a machine the local engine would misread is refused", () => {
  it.each<[string, Record<string, unknown>, string[] | undefined, string]>([
    ["a Task without a handler", { Work: task }, [], "Work has no handler"],
    ["a Task without a handler inside a Map", map({ Inner: task }), [], "Inner has no handler"],
    [
      "a Task without a handler inside a Parallel",
      { Both: { Type: "Parallel", Branches: [{ StartAt: "Inner", States: { Inner: task } }], End: true } },
      [],
      "Inner has no handler",
    ],
    ["a handler without a Task", { Work: task }, ["Work", "Wrok"], "there is no Task for the handler Wrok"],
    [
      "a handler for a Pass",
      { Work: { Type: "Pass", End: true } },
      ["Work"],
      "there is no Task for the handler Work",
    ],
    [
      "two states of one name",
      { Work: { ...task, Next: "Each" }, ...map({ Work: task }) },
      undefined,
      "two states are called Work",
    ],
    [
      "a Task without a timeout",
      { Work: { ...task, TimeoutSeconds: undefined } },
      undefined,
      "Work: TimeoutSeconds may wait for",
    ],
    [
      "a Task that says nothing of time",
      { Work: { Type: "Task", End: true } },
      undefined,
      "Work: needs TimeoutSeconds or TimeoutSecondsPath",
    ],
    [
      "a timeout beyond the timer's reach",
      { Work: { ...task, TimeoutSeconds: 2_147_484 } },
      undefined,
      "Work: TimeoutSeconds may wait for at most 2147483 seconds",
    ],
    [
      "a heartbeat",
      { Work: { ...task, HeartbeatSeconds: 5 } },
      undefined,
      "Work: HeartbeatSeconds is not supported",
    ],
    [
      "JSONata",
      { Work: { ...task, QueryLanguage: "JSONata" } },
      undefined,
      "Work: QueryLanguage is not supported",
    ],
    ["variables", { Work: { ...task, Assign: { a: 1 } } }, undefined, "Work: Assign is not supported"],
    [
      "a distributed Map",
      map(
        { Work: task },
        {
          ItemProcessor: {
            ProcessorConfig: { Mode: "DISTRIBUTED" },
            StartAt: "Work",
            States: { Work: task },
          },
        },
      ),
      undefined,
      "Each: DISTRIBUTED mode is not supported",
    ],
    [
      "a Map in a Map",
      map({ ...map({ Work: task }), Each: undefined, Inner: map({ Work: task })["Each"] }, {}),
      undefined,
      "Inner: a Map inside another one is not supported",
    ],
    [
      "Retry on a Map",
      map({ Work: task }, { Retry: [] }),
      undefined,
      "Each: Retry on a Map is not supported: retry the tasks in it",
    ],
    [
      "a negative type test",
      {
        Work: task,
        If: { Type: "Choice", Choices: [{ And: [{ Variable: "$.a", IsPresent: false }], Next: "Work" }] },
      },
      undefined,
      'If: write Not around "IsPresent": true instead of "IsPresent": false',
    ],
    ["ResultPath $", { Work: { ...task, ResultPath: "$" } }, undefined, 'Work: leave ResultPath "$" out'],
    [
      "ResultPath $ in a Catch",
      { Work: { ...task, Catch: [{ ErrorEquals: ["States.ALL"], ResultPath: "$", Next: "Work" }] } },
      undefined,
      'Work: leave ResultPath "$" out',
    ],
    [
      "a function in a CausePath",
      { Work: task, No: { Type: "Fail", CausePath: "States.Format('x')" } },
      undefined,
      "No: CausePath takes no function",
    ],
    [
      "an unknown part of the context",
      { Work: { ...task, Parameters: { "a.$": "$$.Task.Token" } } },
      undefined,
      "Work: $$.Task.Token is not known here",
    ],
    [
      "the item inside a Map",
      map({ Work: { ...task, Parameters: { "a.$": "$$.Map.Item.Index" } } }),
      undefined,
      "Work: $$.Map.Item.Index is not known here",
    ],
    [
      "the input of the execution inside a Map",
      map({ Work: { ...task, Parameters: { "a.$": "$$.Execution.Input" } } }),
      undefined,
      "Work: $$.Execution.Input is not known here",
    ],
  ])("%s", (_, states, handlers, problem) => {
    const defined = JSON.parse(
      JSON.stringify(states, (_name, value: unknown) => (value === undefined ? null : value)),
    ) as Record<string, unknown>;
    const clean = JSON.parse(JSON.stringify(defined).replaceAll(/"Each":null,?/g, "")) as Record<
      string,
      unknown
    >;
    expect(problemsOf(clean, handlers)).toContainEqual(expect.stringContaining(problem));
  });

  it("with everything that is wrong at once", () => {
    expect(
      problemsOf({ Work: { Type: "Task", Assign: {}, End: true } }, [], {
        QueryLanguage: "JSONata",
        TimeoutSeconds: 1e9,
      }),
    ).toHaveLength(5);
  });
});

describe("a machine as the local engine gets it", () => {
  it("has a concurrency for this machine, and never more than it asks for", () => {
    const concurrency = (more: object): Json | undefined =>
      (read(map({ Work: task }, more)).definition.States["Each"] as State)["MaxConcurrency"];
    expect([
      concurrency({}),
      concurrency({ MaxConcurrency: 0 }),
      concurrency({ MaxConcurrency: 40 }),
    ]).toEqual([3, 3, 3]);
    expect(concurrency({ MaxConcurrency: 2 })).toBe(2);
  });

  it("takes the context object where the engine has it right", () => {
    const selector = { "index.$": "$$.Map.Item.Index", "run.$": "$$.Execution.Input.run" };
    const inner = { Work: { ...task, Parameters: { "name.$": "$$.Execution.Name" } } };
    expect(problemsOf(map(inner, { ItemSelector: selector }))).toEqual([]);
  });

  it("is read from the project's own workflow file", () => {
    const path = new URL("../../../core/src/run/workflow.asl.json", import.meta.url);
    const source = readFileSync(path, "utf8");
    const handlers = [...source.matchAll(/"(\w+)": \{\s+"Type": "Task"/g)].map(([, name]) => name!);
    const { tasks } = readMachine(source, { handlers, maxConcurrency: 2 });
    expect([...tasks.keys()]).toEqual(handlers);
  });
});
