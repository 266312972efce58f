/** Counts what a deployment did between two moments. */
import type { Deployment } from "../../test/support/deployment/deployment.ts";
import { callerFunction } from "../../test/support/deployment/fault.ts";
import type { RecordedCall } from "../../test/support/deployment/proxy.ts";
import { assumedLatencyMs, assumedOwnMs } from "./price.ts";

export interface Usage {
  stateTransitions: number;
  lambdaRequests: number;
  lambdaGbSeconds: number;
  tableReadUnits: number;
  tableWriteUnits: number;
  objectWrites: number;
  objectReads: number;
  events: number;
  logBytes: number;
  httpRequests: number;
  tasks: number;
}

/** A line of a function's log and Lambda's own three for each invocation, bytes. */
const functionLogBytes = 700;
/** An access log's line for each request, bytes. */
const accessLogBytes = 350;

/** @returns what happened since; executions are named by the runs that were started */
export function startCount(deployment: Deployment): (runs: readonly string[]) => Promise<Usage> {
  const { proxy, functions, ecs, events, logDriver, httpRequests } = deployment;
  const before = {
    calls: proxy.calls.length,
    invocations: functions.invocations.length,
    tasks: ecs.tasks.length,
    events: events.events.length,
    logBytes: logDriver.bytes(),
    http: httpRequests(),
  };
  return async (runs) => {
    const calls = proxy.calls.slice(before.calls);
    const invocations = functions.invocations.slice(before.invocations);
    const http = httpRequests() - before.http;
    const transitions = await Promise.all(runs.map((run) => countTransitions(deployment, run)));
    const charged = events.events
      .slice(before.events)
      .filter(({ event }) => event.source === "benchgen" || event.source === "aws.s3");
    return {
      stateTransitions: sum(transitions),
      lambdaRequests: invocations.length,
      lambdaGbSeconds: gbSeconds(deployment, invocations, calls),
      tableReadUnits: sum(calls.map((call) => units(call, /^(GetItem|Query|Scan|TransactGet)/))),
      tableWriteUnits: sum(
        calls.map((call) => units(call, /^(PutItem|DeleteItem|UpdateItem|TransactWrite)/)),
      ),
      objectWrites: calls.filter((call) => isObject(call, /^(Put|Copy|Create|Complete|Upload|List)/)).length,
      objectReads: calls.filter((call) => isObject(call, /^(Get|Head)/)).length,
      events: charged.length,
      logBytes:
        logDriver.bytes() - before.logBytes + invocations.length * functionLogBytes + http * accessLogBytes,
      httpRequests: http,
      tasks: ecs.tasks.length - before.tasks,
    };
  };
}

/** Every state that was entered, every retry, and the beginning: Step Functions counts each. */
async function countTransitions({ machine }: Deployment, run: string): Promise<number> {
  let count = 1;
  let cursor: string | undefined;
  do {
    const page = await machine.workflow.history(run, {
      limit: 1000,
      ...(cursor === undefined ? {} : { cursor }),
    });
    count += page.items.filter(
      ({ type }) => type.endsWith("StateEntered") || type === "TaskScheduled",
    ).length;
    cursor = page.cursor;
  } while (cursor !== undefined);
  return count;
}

/** Memory times a duration that is estimated from the calls each function made, as if one waited for the other. */
function gbSeconds(
  { description }: Deployment,
  invocations: readonly { readonly functionName: string }[],
  calls: readonly RecordedCall[],
): number {
  return sum(
    description.functions.map(({ name, memoryMb }) => {
      const own = invocations.filter(({ functionName }) => functionName === name).length * assumedOwnMs;
      const waits = calls
        .filter(({ caller, byFunction }) => byFunction && callerFunction(caller) === name)
        .map(({ service }) => assumedLatencyMs[service] ?? 0);
      return ((own + sum(waits)) / 1000) * (memoryMb / 1024);
    }),
  );
}

/** What DynamoDB itself says that a call consumed, indexes and transactions included. */
function units({ service, operation, output }: RecordedCall, kind: RegExp): number {
  if (service !== "dynamodb" || !kind.test(operation)) return 0;
  const said = output["ConsumedCapacity"];
  const consumed = (Array.isArray(said) ? said : [said]) as ({ CapacityUnits?: number } | undefined)[];
  return sum(consumed.map((each) => each?.CapacityUnits ?? 0));
}

function isObject({ service, operation }: RecordedCall, kind: RegExp): boolean {
  return service === "s3" && kind.test(operation);
}

export function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0);
}
