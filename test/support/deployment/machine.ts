/** Step Functions: the workflow's definition in the local interpreter, with AWS's own forms of errors around it. */
import type { Execution, Json, Workflow } from "@benchgen/core/ports.ts";
import { systemClock } from "@benchgen/local/clock.ts";
import { StepFailure } from "@benchgen/local/workflow/failure.ts";
import { type PlacedState, placedStates } from "@benchgen/local/workflow/language.ts";
import type { Handler } from "@benchgen/local/workflow/step.ts";
import { type LocalWorkflow, createWorkflow } from "@benchgen/local/workflow/workflow.ts";
import type { StandIn } from "../aws/stand-in.ts";
import { serveStepFunctions } from "../aws/step-functions.ts";
import { temporaryDataDirectory } from "../data-directory.ts";
import type { Permission } from "./call.ts";
import type { DeploymentDescription } from "./description.ts";
import { type DeliveredEvent, executionChanged } from "./event.ts";
import { FunctionFailure } from "./function.ts";
import type { Functions } from "./function.ts";

/** Between attempts: tests cannot wait a minute. */
const retrySeconds = 0.05;
const runTaskSync = "arn:aws:states:::ecs:runTask.sync";

export interface Machine extends StandIn {
  readonly workflow: LocalWorkflow;
  /** How often a handler was called, by state: what `StateEntered` does not count are retries. */
  readonly attempts: Map<string, number>;
  /** Ends an execution as if it had taken longer than its definition allows. */
  timeOut(name: string): Promise<void>;
  /** Executions that are not over, or whose end is not announced. */
  running(): number;
  /** What its role needed, tasks apart. */
  readonly permissions: () => Permission[];
}

export interface MachineOptions {
  readonly description: DeploymentDescription;
  readonly functions: Functions;
  /** Runs one Fargate task to its end, and describes it as ECS does. */
  readonly runTask: (parameters: Json, signal: AbortSignal) => Promise<Json>;
  readonly onEvent: (event: DeliveredEvent) => void;
  readonly warn: (message: string) => void;
}

/** Serves the state machine of a deployment, which really runs. */
export async function startMachine(options: MachineOptions): Promise<Machine> {
  const { description, onEvent, warn } = options;
  const { arn, definition } = description.machine;
  const data = temporaryDataDirectory();
  const attempts = new Map<string, number>();
  const running = new Set<string>();
  const overdue = new Set<string>();
  const asTold = (execution: Execution): Execution => {
    if (!overdue.has(execution.name)) return execution;
    const { cause: _ofStopping, ...rest } = execution;
    return { ...rest, status: "timed_out", error: "States.Timeout" };
  };
  const handlers = Object.fromEntries(
    [...placedStates(definition as never)]
      .filter(({ state }) => state.Type === "Task")
      .map((placed) => [placed.name, counted(placed.name, attempts, handlerFor(placed, options))]),
  );
  const workflow = createWorkflow({
    ...data,
    clock: systemClock,
    definition: impatient(definition as Json) as object,
    handlers,
    maxExecutions: 20,
    maxConcurrency: 4,
    warn,
    onEnd: (execution) => {
      onEvent(executionChanged(description, arn, asTold(execution)));
      running.delete(execution.name);
    },
  });
  const announced: Workflow = {
    ...workflow,
    async describe(name) {
      const execution = await workflow.describe(name);
      return execution && asTold(execution);
    },
    async start(name, input) {
      running.add(name);
      await workflow.start(name, input);
      const execution = await workflow.describe(name);
      if (execution !== undefined)
        onEvent(executionChanged(description, arn, { ...execution, status: "running" }));
    },
  };
  const server = await serveStepFunctions(announced);
  return {
    endpoint: server.endpoint,
    workflow,
    attempts,
    async timeOut(name) {
      overdue.add(name);
      await workflow.stop(name, "it took too long");
    },
    running: () => running.size,
    permissions: () =>
      functionsOf(definition).map((resource) => ({ action: "lambda:InvokeFunction", resource })),
    close: async () => {
      await server.close();
      await workflow.close();
      data.close();
    },
  };
}

/** The functions the workflow may call: each has its test. */
function functionsOf(definition: object): string[] {
  const resources = [...placedStates(definition as never)].map(({ state }) => state["Resource"]);
  return resources.filter(
    (resource): resource is string => typeof resource === "string" && resource.startsWith("arn:aws:lambda:"),
  );
}

function counted(name: string, attempts: Map<string, number>, handler: Handler): Handler {
  return (input, context) => {
    attempts.set(name, (attempts.get(name) ?? 0) + 1);
    return handler(input, context);
  };
}

/** @throws Error for a resource that nothing here runs */
function handlerFor({ name, state }: PlacedState, options: MachineOptions): Handler {
  const resource = state["Resource"] as string;
  if (resource === runTaskSync) return (input, { signal }) => options.runTask(input, signal);
  const target = options.description.functions.find(({ arn }) => arn === resource);
  if (target === undefined) throw new Error(`nothing runs the resource of state ${name}: ${resource}`);
  return async (input) => {
    try {
      return (await options.functions.invoke(target.name, input)) as Json;
    } catch (error) {
      if (!(error instanceof FunctionFailure)) throw error;
      throw new StepFailure({ error: error.name, cause: JSON.stringify(error.payload) });
    }
  };
}

/** The same definition, waiting hardly at all before every retry. */
function impatient(value: Json): Json {
  if (Array.isArray(value)) return value.map((each: Json) => impatient(each));
  if (typeof value !== "object" || value === null) return value;
  const fields = Object.entries(value as Record<string, Json>).map(([name, field]): [string, Json] => {
    if (name === "IntervalSeconds") return [name, retrySeconds];
    return [name, name === "BackoffRate" ? 1 : impatient(field)];
  });
  return Object.fromEntries(fields);
}
