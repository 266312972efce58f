import type { Json } from "@benchgen/core/ports.ts";
import { maxTimeoutSeconds } from "./language.ts";
import type { Definition, PlacedState, State } from "./language.ts";

/** Fields that change what a state does, and that aws-local-stepfunctions 3.0.0 ignores. */
const ignoredFields = [
  "QueryLanguage",
  "Assign",
  "Output",
  "Arguments",
  "Credentials",
  "HeartbeatSeconds",
  "HeartbeatSecondsPath",
  "ItemReader",
  "ItemBatcher",
  "ResultWriter",
  "ToleratedFailureCount",
  "ToleratedFailureCountPath",
  "ToleratedFailurePercentage",
  "ToleratedFailurePercentagePath",
];

/** What the engine puts into the context object (`$$`). */
const knownContext = /^Execution\.(?:Id|Name|Input|StartTime)\b|^StateMachine\.(?:Id|Name)\b/;
/** Inside a Map or Parallel the engine has these wrong: they describe the item, not the execution. */
const misreadInside = /^Execution\.(?:Input|StartTime)\b/;
const typeTests = ["IsNull", "IsPresent", "IsNumeric", "IsString", "IsBoolean", "IsTimestamp"];
const containers = ["Map", "Parallel"];

/** What a machine asks for that the local engine would not do, each as a clause that names the state. */
export function unsupportedIn(definition: Definition, placed: readonly PlacedState[]): string[] {
  return [
    ...(definition.QueryLanguage === undefined ? [] : ["QueryLanguage is not supported"]),
    ...timeoutProblems("the machine", definition.TimeoutSeconds),
    ...placed.flatMap((state) => stateProblems(state).map((problem) => `${state.name}: ${problem}`)),
  ];
}

function stateProblems({ state, within }: PlacedState): string[] {
  return [
    ...ignoredFields.filter((field) => field in state).map((field) => `${field} is not supported`),
    ...(state.Type === "Task" ? taskProblems(state) : []),
    ...(containers.includes(state.Type) ? containerProblems(state, within) : []),
    ...(state.Type === "Wait" ? timeoutProblems("Seconds", state["Seconds"]) : []),
    ...resultPaths(state)
      .filter((path) => path === "$")
      .map(() => 'leave ResultPath "$" out'),
    ...["CausePath", "ErrorPath"]
      .filter((field) => textOf(state[field]).startsWith("States."))
      .map((field) => `${field} takes no function`),
    ...(state.Type === "Choice" ? falseTypeTests(state["Choices"] ?? []) : []),
    ...contextProblems(state, within),
  ];
}

/** Without a timeout, the engine gives up after 60 seconds, Step Functions after 99,999,999. */
function taskProblems(state: State): string[] {
  if ("TimeoutSecondsPath" in state) return [];
  if (!("TimeoutSeconds" in state)) return ["needs TimeoutSeconds or TimeoutSecondsPath"];
  return timeoutProblems("TimeoutSeconds", state["TimeoutSeconds"]);
}

function timeoutProblems(what: string, seconds: Json | undefined): string[] {
  if (seconds === undefined || (typeof seconds === "number" && seconds <= maxTimeoutSeconds)) return [];
  return [`${what} may wait for at most ${maxTimeoutSeconds} seconds`];
}

function containerProblems(state: State, within: readonly string[]): string[] {
  const mode = (state["ItemProcessor"] as { ProcessorConfig?: { Mode?: string } } | undefined)
    ?.ProcessorConfig?.Mode;
  return [
    ...(mode === undefined || mode === "INLINE" ? [] : [`${mode} mode is not supported`]),
    // What runs inside is known by the name of the state alone, not by its item and attempt.
    ...(within.length === 0 ? [] : [`a ${state.Type} inside another one is not supported`]),
    ...("Retry" in state ? [`Retry on a ${state.Type} is not supported: retry the tasks in it`] : []),
  ];
}

function resultPaths(state: State): Json[] {
  const catchers = (state["Catch"] ?? []) as { ResultPath?: Json }[];
  return [state["ResultPath"], ...catchers.map((catcher) => catcher.ResultPath)].filter(
    (path) => path !== undefined,
  );
}

/** `"IsPresent": false` never matches in the engine. */
function falseTypeTests(choices: Json): string[] {
  if (Array.isArray(choices)) return choices.flatMap(falseTypeTests);
  if (typeof choices !== "object" || choices === null) return [];
  return Object.entries(choices as Record<string, Json>).flatMap(([name, value]) =>
    typeTests.includes(name) && value === false
      ? [`write Not around "${name}": true instead of "${name}": false`]
      : falseTypeTests(value),
  );
}

function contextProblems(state: State, within: readonly string[]): string[] {
  const { ItemProcessor: _1, Iterator: _2, Branches: _3, ItemSelector, ...own } = state;
  const selectorPaths = contextPaths(ItemSelector ?? null).filter((path) => !path.startsWith("Map.Item."));
  return [...contextPaths(own), ...selectorPaths]
    .filter((path) => !knownContext.test(path) || (within.length > 0 && misreadInside.test(path)))
    .map((path) => `$$.${path} is not known here`);
}

function contextPaths(value: Json): string[] {
  return [...JSON.stringify(value).matchAll(/\$\$\.([\w.]+)/g)].map(([, path]) => path!);
}

function textOf(value: Json | undefined): string {
  return typeof value === "string" ? value : "";
}
