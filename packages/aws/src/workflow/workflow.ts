import {
  DescribeExecutionCommand,
  GetExecutionHistoryCommand,
  StartExecutionCommand,
  StopExecutionCommand,
} from "@aws-sdk/client-sfn";
import type {
  DescribeExecutionCommandOutput,
  ExecutionStatus as AwsStatus,
  SFNClient,
} from "@aws-sdk/client-sfn";
import { canonicalJson } from "@benchgen/core/port/canonical-json.ts";
import type { CursorCodec } from "@benchgen/core/port/cursor.ts";
import { assertExecution, executionDiffers } from "@benchgen/core/port/execution.ts";
import { pageLimit } from "@benchgen/core/port/range.ts";
import type { Execution, ExecutionStatus, Json, Workflow } from "@benchgen/core/ports.ts";
import { calling, unless } from "../fault.ts";
import { executionEvents } from "./history.ts";

const service = "Step Functions";
/** Characters. https://docs.aws.amazon.com/step-functions/latest/apireference/API_StopExecution.html */
const maxCauseLength = 32_768;

const statuses: Readonly<Record<AwsStatus, ExecutionStatus>> = {
  RUNNING: "running",
  SUCCEEDED: "succeeded",
  FAILED: "failed",
  TIMED_OUT: "timed_out",
  ABORTED: "aborted",
  // Only after a redrive, which nothing here asks for.
  PENDING_REDRIVE: "running",
};

export interface WorkflowOptions {
  readonly client: SFNClient;
  readonly stateMachineArn: string;
  readonly cursors: CursorCodec;
}

/** Executions of one state machine, of the standard kind: each has a name, a history, and happens once. */
export function createWorkflow({ client, stateMachineArn, cursors }: WorkflowOptions): Workflow {
  const arnOf = (name: string): string =>
    `${stateMachineArn.replace(":stateMachine:", ":execution:")}:${name}`;

  const describe = async (name: string): Promise<DescribeExecutionCommandOutput | undefined> => {
    const request = new DescribeExecutionCommand({ executionArn: arnOf(name) });
    return calling(service, () => unlessUnknown(() => client.send(request)));
  };

  return {
    async start(name, input) {
      assertExecution(name, input);
      // Equal inputs as equal text: that is what Step Functions compares while the execution runs.
      const text = canonicalJson(input);
      const request = new StartExecutionCommand({ stateMachineArn, name, input: text });
      const begun = await calling(service, () =>
        unless(["ExecutionAlreadyExists"], () => client.send(request)),
      );
      if (begun !== undefined) return;
      const existing = await describe(name);
      if (canonicalJson(parsed(existing?.input) ?? null) !== text) throw executionDiffers(name);
    },

    async stop(name, reason) {
      const request = new StopExecutionCommand({
        executionArn: arnOf(name),
        cause: reason.slice(0, maxCauseLength),
      });
      await calling(service, () => unlessUnknown(() => client.send(request)));
    },

    async describe(name) {
      const found = await describe(name);
      return found === undefined ? undefined : executionOf(name, found);
    },

    async history(name, { cursor, limit } = {}) {
      const scope = JSON.stringify(["history", name]);
      const [nextToken] = cursor === undefined ? [] : cursors.decode(scope, cursor);
      const request = new GetExecutionHistoryCommand({
        executionArn: arnOf(name),
        includeExecutionData: false,
        maxResults: pageLimit(limit),
        nextToken,
      });
      const page = await calling(service, () => unlessUnknown(() => client.send(request)));
      const items = executionEvents(page?.events ?? []);
      const next = page?.nextToken;
      return next === undefined ? { items } : { items, cursor: cursors.encode(scope, [next]) };
    },
  };
}

/** Undefined when no execution has that name. */
function unlessUnknown<T>(call: () => Promise<T>): Promise<T | undefined> {
  return unless(["ExecutionDoesNotExist"], call);
}

function executionOf(name: string, found: DescribeExecutionCommandOutput): Execution {
  const { status, input, output, error, cause, startDate, stopDate } = found;
  const result = parsed(output);
  return {
    name,
    status: statuses[status ?? "RUNNING"],
    input: parsed(input) ?? null,
    ...(result === undefined ? {} : { output: result }),
    ...(error === undefined ? {} : { error }),
    ...(cause === undefined ? {} : { cause }),
    startedAt: (startDate ?? new Date(0)).toISOString(),
    ...(stopDate === undefined ? {} : { endedAt: stopDate.toISOString() }),
  };
}

function parsed(text: string | undefined): Json | undefined {
  return text === undefined ? undefined : (JSON.parse(text) as Json);
}
