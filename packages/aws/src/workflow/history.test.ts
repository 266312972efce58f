import { expect, it } from "vitest";
import { executionEvents } from "./history.ts";

const timestamp = new Date("2026-01-01T00:00:00Z");
const at = timestamp.toISOString();

it("names the state of an event that has no name of its own after the event before it", () => {
  const events = executionEvents([
    { id: 1, type: "ExecutionStarted", timestamp },
    {
      id: 2,
      previousEventId: 1,
      type: "TaskStateEntered",
      timestamp,
      stateEnteredEventDetails: { name: "Plan" },
    },
    {
      id: 3,
      previousEventId: 2,
      type: "TaskFailed",
      timestamp,
      taskFailedEventDetails: { resourceType: "ecs", resource: "runTask", error: "E", cause: "why" },
    },
  ]);
  expect(events).toEqual([
    { at, type: "ExecutionStarted" },
    { at, type: "TaskStateEntered", state: "Plan" },
    { at, type: "TaskFailed", state: "Plan", detail: { error: "E", cause: "why" } },
  ]);
});

it("leaves inputs and outputs out", () => {
  const [event] = executionEvents([
    {
      id: 1,
      type: "TaskStateEntered",
      timestamp,
      stateEnteredEventDetails: { name: "Plan", input: '{"token":1}' },
    },
  ]);
  expect(JSON.stringify(event)).not.toContain("token");
});

it("says which item of a map an event is about", () => {
  const [event] = executionEvents([
    {
      id: 1,
      type: "MapIterationSucceeded",
      timestamp,
      mapIterationSucceededEventDetails: { name: "Tasks", index: 3 },
    },
  ]);
  expect(event).toEqual({ at, type: "MapIterationSucceeded", state: "Tasks", detail: { index: 3 } });
});
