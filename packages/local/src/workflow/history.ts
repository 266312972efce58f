import { messageOf } from "@benchgen/core/error.ts";
import type { ExecutionEvent, Json } from "@benchgen/core/ports.ts";

/** What the local engine logs, as far as it is read here. */
export interface EngineEvent {
  readonly type: string;
  /** Milliseconds since the epoch. */
  readonly timestamp: number;
  readonly index?: number;
  readonly state?: { readonly name: string; readonly type: string };
  readonly parentState?: { readonly name: string };
  readonly retry?: { readonly attempt: number };
  readonly Error?: string;
  readonly Cause?: unknown;
}

/**
 * The event as Step Functions names it; undefined for what it has no event for, and for the beginning and the end of
 * an execution, which the journal writes itself. Inputs and outputs are left out: they hold the jobs' tokens.
 */
export function historyEvent(event: EngineEvent): ExecutionEvent | undefined {
  const type = typeOf(event);
  if (type === undefined) return undefined;
  const state = event.state?.name ?? event.parentState?.name;
  const detail: Record<string, Json> = {
    ...(event.index === undefined ? {} : { index: event.index }),
    ...(event.retry === undefined ? {} : { attempt: event.retry.attempt }),
    ...(event.Error === undefined ? {} : { error: event.Error, cause: messageOf(event.Cause) }),
  };
  return {
    at: new Date(event.timestamp).toISOString(),
    type,
    ...(state === undefined ? {} : { state }),
    ...(Object.keys(detail).length === 0 ? {} : { detail }),
  };
}

function typeOf({ type, state, Error: error }: EngineEvent): string | undefined {
  switch (type) {
    case "StateEntered":
    case "StateExited":
      return `${state?.type}${type}`;
    case "StateFailed":
      if (state?.type === "Task") return error === "States.Timeout" ? "TaskTimedOut" : "TaskFailed";
      return state?.type === "Map" || state?.type === "Parallel"
        ? `${state.type}StateFailed`
        : "EvaluationFailed";
    case "StateRetried":
      return "TaskScheduled";
    case "MapIterationStarted":
    case "MapIterationSucceeded":
    case "MapIterationFailed":
      return type;
    default:
      return undefined;
  }
}
