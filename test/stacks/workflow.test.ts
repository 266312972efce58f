import { readFileSync } from "node:fs";
import aslValidator from "asl-validator";
import { beforeAll, expect, it } from "vitest";
import { statementsOf } from "../support/stacks/policy.ts";
import { type Resource, type Synthesis, synthesise } from "../support/stacks/synthesis.ts";

interface State {
  readonly Type: string;
  readonly Resource?: string;
  readonly TimeoutSeconds?: number;
  readonly TimeoutSecondsPath?: string;
  readonly Catch?: unknown;
  readonly ItemProcessor?: { readonly States: Record<string, State> };
}

const file = readFileSync("packages/core/src/run/workflow.asl.json", "utf8");
let made: Synthesis;
let machine: Resource;

beforeAll(async () => {
  made = await synthesise({ settings: { ingestionSpot: true } });
  machine = made.ofType("AWS::StepFunctions::StateMachine")[0]!;
});

it("deploys the workflow file as it is, as a standard workflow", () => {
  expect(JSON.parse(machine.Properties["DefinitionString"])).toEqual(JSON.parse(file));
  expect(machine.Properties["StateMachineType"]).toBe("STANDARD");
});

it("fills in everything the file leaves open, and nothing else", () => {
  const open = new Set([...file.matchAll(/\$\{(\w+)\}/g)].map(([, name]) => name!));
  expect(Object.keys(machine.Properties["DefinitionSubstitutions"]).sort()).toEqual([...open].sort());
});

it("is valid Amazon States Language once filled in", () => {
  const filled = file.replaceAll(/\$\{(\w+)\}/g, (_all, name: string) =>
    name.endsWith("FunctionArn")
      ? `arn:aws:lambda:eu-central-1:123456789012:function:${name}`
      : name === "Partition"
        ? "aws"
        : name,
  );
  const { isValid, errorsText } = aslValidator(JSON.parse(filled));
  expect({ isValid, errors: errorsText("\n") }).toMatchObject({ isValid: true });
});

it("runs jobs on spare capacity only for ingestion, and only if told to", async () => {
  const [, ...rest] = [...file.matchAll(/"CapacityProvider": "(.*)"/g)].map(([, provider]) => provider);
  expect(rest).toEqual(["FARGATE"]);
  expect(machine.Properties["DefinitionSubstitutions"].IngestionCapacityProvider).toBe("FARGATE_SPOT");
  const [usual] = (await synthesise()).ofType("AWS::StepFunctions::StateMachine");
  expect(usual!.Properties["DefinitionSubstitutions"].IngestionCapacityProvider).toBe("FARGATE");
});

it("has a timeout on every task", () => {
  const endless = tasks(JSON.parse(file).States).filter(
    ([, state]) => (state.TimeoutSeconds ?? state.TimeoutSecondsPath) === undefined,
  );
  expect(endless).toEqual([]);
});

it("has Fargate behind every task, or the function of its name, which gives up before the task does", () => {
  const substitutions = machine.Properties["DefinitionSubstitutions"];
  for (const [name, state] of tasks(JSON.parse(file).States)) {
    if (state.Resource === "arn:${Partition}:states:::ecs:runTask.sync") continue;
    const placeholder = /^\$\{(\w+)\}$/.exec(state.Resource ?? "")?.[1] ?? "";
    const [logicalId] = substitutions[placeholder]["Fn::GetAtt"];
    const found = made.ofType("AWS::Lambda::Function").find(({ id }) => id.endsWith(`/${logicalId}`));
    // ReadScores: read-scores.
    const kebab = name.replaceAll(/(?<!^)[A-Z]/g, (letter) => `-${letter}`).toLowerCase();
    expect(found?.Properties["FunctionName"]).toBe(`benchgen-test-${kebab}`);
    expect(found?.Properties["Timeout"]).toBeLessThanOrEqual(state.TimeoutSeconds!);
  }
});

it("logs errors without what executions carry: jobs' tokens travel in it", () => {
  expect(machine.Properties["LoggingConfiguration"]).toMatchObject({
    Level: "ERROR",
    IncludeExecutionData: false,
  });
});

it("may run and tag tasks of its own definitions on its own cluster, and hand them one role", () => {
  const allowed = (action: string) =>
    statementsOf(made)
      .filter(({ of }) => of.includes("workflowrole"))
      .map(({ statement }) => statement)
      .filter(({ Action }) => [Action].flat().includes(action));
  expect(JSON.stringify(allowed("ecs:RunTask"))).toContain("task-definition/benchgen-test-*:*");
  expect(JSON.stringify(allowed("ecs:RunTask"))).toContain("ecs:cluster");
  expect(JSON.stringify(allowed("ecs:TagResource"))).toContain('"ecs:CreateAction":"RunTask"');
  expect(JSON.stringify(allowed("iam:PassRole"))).toContain("ecs-tasks.amazonaws.com");
  expect(allowed("events:PutRule")).toHaveLength(1);
});

function tasks(states: Record<string, State>): [string, State][] {
  return Object.entries(states).flatMap(([name, state]) => [
    ...(state.Type === "Task" ? [[name, state] as [string, State]] : []),
    ...(state.ItemProcessor === undefined ? [] : tasks(state.ItemProcessor.States)),
  ]);
}
