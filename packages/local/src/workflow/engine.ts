import type { Json } from "@benchgen/core/ports.ts";
import type { Machine } from "./definition.ts";
import type { EngineEvent } from "./history.ts";
import type { Ending } from "./journal.ts";
import { maxTimeoutSeconds } from "./language.ts";
import type { Definition } from "./language.ts";
import type { Steps } from "./step.ts";

/**
 * Runs a machine from its beginning to its end on aws-local-stepfunctions. Never rejects.
 * @param options.secondsLeft of the machine's own timeout
 * @param options.signal ends the execution as aborted
 * @param options.onEvent told of every event in order, the last of them before this resolves
 */
export async function runMachine(options: {
  machine: Machine;
  name: string;
  input: Json;
  steps: Steps;
  secondsLeft: number | undefined;
  signal: AbortSignal;
  onEvent: (event: EngineEvent) => void;
}): Promise<Ending> {
  const { machine, name, input, steps, signal } = options;
  // Imported when the first execution starts: it loads an AWS client, a quarter of a second.
  const { StateMachine } = await import("aws-local-stepfunctions");
  // Its validation costs 100 ms; the definition is validated by a test, and checked by `readMachine`.
  const stateMachine = new StateMachine(withTimeout(machine.definition, options.secondsLeft) as never, {
    validationOptions: { noValidate: true },
  });
  const run = stateMachine.run(structuredClone(input) as never, {
    overrides: { taskResourceLocalHandlers: steps.overrides() as never },
    context: { Execution: { Id: name, Name: name }, StateMachine: { Id: "local", Name: "local" } },
  });
  const logged = readEvents(run.eventLogs as AsyncIterable<EngineEvent>, steps, options.onEvent);
  if (signal.aborted) run.abort();
  signal.addEventListener("abort", run.abort, { once: true });
  const ending = await run.result.then(
    (output): Ending => ({ status: "succeeded", output: output as Json }),
    endingOf,
  );
  await logged;
  return ending;
}

async function readEvents(
  events: AsyncIterable<EngineEvent>,
  steps: Steps,
  onEvent: (event: EngineEvent) => void,
): Promise<void> {
  for await (const event of events) {
    const { type, state } = event;
    const isContainer = state?.type === "Map" || state?.type === "Parallel";
    if (type === "StateFailed" && isContainer) steps.failScope(state.name);
    onEvent(event);
  }
}

function withTimeout(definition: Definition, secondsLeft: number | undefined): Definition {
  if (secondsLeft === undefined) return definition;
  return { ...definition, TimeoutSeconds: Math.min(Math.max(secondsLeft, 0.001), maxTimeoutSeconds) };
}

function endingOf(thrown: unknown): Ending {
  const { name, cause } = thrown as { name?: string; cause?: { name?: string; message?: string } };
  if (name === "ExecutionAbortedError") return { status: "aborted" };
  if (name === "ExecutionTimeoutError") return { status: "timed_out", error: "States.Timeout" };
  const failure = name === "ExecutionError" ? cause : (thrown as { name?: string; message?: string });
  return {
    status: "failed",
    error: failure?.name ?? "States.Runtime",
    cause: failure?.message ?? "",
  };
}
