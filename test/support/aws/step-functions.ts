import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Execution, ExecutionEvent, Json, Workflow } from "@benchgen/core/ports.ts";
import type { StandIn } from "./stand-in.ts";

/** The members of AWS's requests, each in those that have it. */
interface Input {
  readonly name: string;
  readonly input: string;
  readonly executionArn: string;
  readonly cause: string;
  readonly maxResults: number;
  readonly nextToken?: string;
}

/** A member for each call of AWS's that the adapter makes, from its input to its answer. */
type Calls = Record<string, (input: Input) => Promise<object>>;

/** An error of AWS's, by its name. */
class AwsError extends Error {}

/** Step Functions' API, version JSON 1.0, in front of executions that really run: those of the local engine. */
export async function serveStepFunctions(workflow: Workflow): Promise<StandIn> {
  const calls = callsOn(workflow);
  const server = createServer((request, response) => void answer(calls, request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function answer(calls: Calls, request: IncomingMessage, response: ServerResponse): Promise<void> {
  response.setHeader("content-type", "application/x-amz-json-1.0");
  try {
    const body = Buffer.concat(await Array.fromAsync(request as AsyncIterable<Buffer>)).toString();
    const name = String(request.headers["x-amz-target"]).replace("AWSStepFunctions.", "");
    response.end(JSON.stringify(await calls[name]!(JSON.parse(body) as Input)));
  } catch (error) {
    const name = error instanceof AwsError ? error.message : "InternalFailure";
    response.writeHead(name === "InternalFailure" ? 500 : 400);
    response.end(JSON.stringify({ __type: name, message: String(error) }));
  }
}

function callsOn(workflow: Workflow): Calls {
  const nameIn = ({ executionArn }: Input): string => executionArn.split(":").at(-1)!;
  const found = async (input: Input): Promise<Execution> => {
    const execution = await workflow.describe(nameIn(input));
    if (execution === undefined) throw new AwsError("ExecutionDoesNotExist");
    return execution;
  };
  return {
    // As AWS does: the same name and input again are welcome only while the execution runs.
    async StartExecution({ name, input }) {
      const existing = await workflow.describe(name);
      const running = existing?.status === "running" && JSON.stringify(existing.input) === input;
      if (existing !== undefined && !running) throw new AwsError("ExecutionAlreadyExists");
      await workflow.start(name, JSON.parse(input) as Json);
      return { executionArn: `arn:execution:${name}`, startDate: Date.now() / 1000 };
    },
    async StopExecution(input) {
      await found(input);
      await workflow.stop(nameIn(input), input.cause);
      return { stopDate: Date.now() / 1000 };
    },
    async DescribeExecution(input) {
      const { status, startedAt, endedAt, output, error, cause, ...execution } = await found(input);
      return {
        status: status.toUpperCase(),
        input: JSON.stringify(execution.input),
        output: output === undefined ? undefined : JSON.stringify(output),
        error,
        cause,
        startDate: Date.parse(startedAt) / 1000,
        stopDate: endedAt === undefined ? undefined : Date.parse(endedAt) / 1000,
      };
    },
    async GetExecutionHistory(input) {
      await found(input);
      const page = await workflow.history(nameIn(input), {
        limit: input.maxResults,
        ...(input.nextToken === undefined ? {} : { cursor: input.nextToken }),
      });
      return { events: page.items.map(historyEvent), nextToken: page.cursor };
    },
  };
}

/** The event with its details where AWS has them. */
function historyEvent({ at, type, state, detail }: ExecutionEvent): object {
  const member = type.endsWith("StateEntered")
    ? "stateEnteredEventDetails"
    : type.endsWith("StateExited")
      ? "stateExitedEventDetails"
      : `${type.charAt(0).toLowerCase()}${type.slice(1)}EventDetails`;
  return {
    timestamp: Date.parse(at) / 1000,
    type,
    [member]: { name: state, ...(detail as object | undefined) },
  };
}
