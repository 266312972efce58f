import type { Json } from "@benchgen/core/ports.ts";

/** One state of a machine in the Amazon States Language, https://states-language.net. */
export interface State {
  readonly Type: string;
  readonly [field: string]: Json;
}

/** A machine, or what a Map runs for each item, or one branch of a Parallel. */
export interface States {
  readonly StartAt: string;
  readonly States: { readonly [name: string]: State };
}

export type Definition = States & { readonly TimeoutSeconds?: number; readonly QueryLanguage?: string };

/** A state and where it is: the Map or Parallel states around it, outermost first. */
export interface PlacedState {
  readonly name: string;
  readonly state: State;
  readonly within: readonly string[];
}

/** Timers of Node fire at once beyond 2^31 - 1 ms. */
export const maxTimeoutSeconds = 2_147_483;

/** Every state, those inside Map and Parallel included. */
export function* placedStates(machine: States, within: readonly string[] = []): Generator<PlacedState> {
  for (const [name, state] of Object.entries(machine.States)) {
    yield { name, state, within };
    const inner = Object.values(innerMachines(state)).flat();
    for (const machine of inner) yield* placedStates(machine, [...within, name]);
  }
}

/** The machines inside a state, by the field that holds them. */
function innerMachines(state: State): Record<string, States | States[]> {
  const fields = ["ItemProcessor", "Iterator", "Branches"].filter((field) => field in state);
  return Object.fromEntries(fields.map((field) => [field, state[field] as unknown as States | States[]]));
}

/** The machine with every state replaced, the inner ones first. */
export function mapStates<M extends States>(machine: M, replace: (state: State) => State): M {
  const inside = (state: State): State => {
    const inner = Object.entries(innerMachines(state)).map(([field, machines]) => [
      field,
      Array.isArray(machines)
        ? machines.map((each) => mapStates(each, replace))
        : mapStates(machines, replace),
    ]);
    return { ...state, ...Object.fromEntries(inner) } as State;
  };
  const states = Object.entries(machine.States).map(([name, state]) => [name, replace(inside(state))]);
  return { ...machine, States: Object.fromEntries(states) as States["States"] };
}
