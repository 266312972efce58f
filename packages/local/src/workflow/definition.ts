import { InvalidInput } from "@benchgen/core/error.ts";
import type { Json } from "@benchgen/core/ports.ts";
import { mapStates, placedStates } from "./language.ts";
import type { Definition, PlacedState, State } from "./language.ts";
import { unsupportedIn } from "./unsupported.ts";

/** A machine as the local engine is given it, and what the steps around the handlers need to know of it. */
export interface Machine {
  readonly definition: Definition;
  readonly timeoutSeconds: number | undefined;
  /** By the name of the Task state. */
  readonly tasks: ReadonlyMap<string, TaskInfo>;
}

export interface TaskInfo {
  /** The Map or Parallel state it is in. */
  readonly within: string | undefined;
  /** Absent when the timeout comes with the input: then both are wrapped in an `Envelope`. */
  readonly timeoutSeconds: number | undefined;
}

/** What a Task with a `TimeoutSecondsPath` is given locally. */
export interface Envelope {
  readonly input: Json;
  readonly timeoutSeconds: number;
}

/**
 * Reads a machine for the local engine, which ignores or misreads parts of the language without a word: those are
 * refused here, all at once.
 * @param options.maxConcurrency items of a Map at one time; the definition's own number is for the cloud
 * @throws InvalidInput `workflow_unsupported`
 */
export function readMachine(
  source: string | object,
  options: { handlers: readonly string[]; maxConcurrency: number },
): Machine {
  const definition = (typeof source === "string" ? JSON.parse(source) : source) as Definition;
  const placed = [...placedStates(definition)];
  const problems = [...unsupportedIn(definition, placed), ...coverageProblems(placed, options.handlers)];
  if (problems.length > 0) {
    throw new InvalidInput(
      "workflow_unsupported",
      `The workflow cannot run on this machine: ${problems.join("; ")}.`,
      { details: { problems } },
    );
  }
  return {
    definition: mapStates(definition, (state) => localForm(state, options.maxConcurrency)),
    timeoutSeconds: definition.TimeoutSeconds,
    tasks: new Map(
      placed
        .filter(({ state }) => state.Type === "Task")
        .map(({ name, state, within }) => [
          name,
          { within: within.at(-1), timeoutSeconds: state["TimeoutSeconds"] as number | undefined },
        ]),
    ),
  };
}

/** A Task without a handler would call the real Lambda service; a handler without a Task is a misspelt name. */
function coverageProblems(placed: readonly PlacedState[], handlers: readonly string[]): string[] {
  const names = placed.map(({ name }) => name);
  const tasks = new Set(placed.filter(({ state }) => state.Type === "Task").map(({ name }) => name));
  return [
    ...names
      .filter((name, position) => names.indexOf(name) !== position)
      .map((name) => `two states are called ${name}`),
    ...[...tasks].filter((name) => !handlers.includes(name)).map((name) => `${name} has no handler`),
    ...handlers.filter((name) => !tasks.has(name)).map((name) => `there is no Task for the handler ${name}`),
  ];
}

/** With local concurrency, and with timeouts read where Step Functions reads them. */
function localForm(state: State, maxConcurrency: number): State {
  if (state.Type === "Map") {
    const asked = Number(state["MaxConcurrency"] ?? 0);
    return { ...state, MaxConcurrency: asked > 0 ? Math.min(asked, maxConcurrency) : maxConcurrency };
  }
  if (state.Type === "Task" && state["TimeoutSecondsPath"] !== undefined) {
    // The engine looks for the timeout in what Parameters made of the input, Step Functions in the input itself.
    const input: Record<string, Json> =
      state["Parameters"] === undefined ? { "input.$": "$" } : { input: state["Parameters"] };
    return {
      ...state,
      Parameters: { ...input, "timeoutSeconds.$": state["TimeoutSecondsPath"] },
      TimeoutSecondsPath: "$.timeoutSeconds",
    };
  }
  return state;
}
