/** One instance of a function: loads its module once, as Lambda does, and then takes one event at a time. */
import { parentPort, workerData } from "node:worker_threads";
import { installStreaming, runStreaming } from "./streaming-runtime.ts";

type Handler = (event: unknown, context: object) => Promise<unknown>;

const { module } = workerData as { module: string };
const port = parentPort!;
installStreaming();
const loaded = import(module) as Promise<{ handler: Handler }>;

interface Message {
  readonly event: unknown;
  readonly streams: boolean;
  readonly remainingMs: number;
  readonly requestId: string;
}

port.on("message", (message: Message) => {
  void answer(message);
});

async function answer({ event, streams, remainingMs, requestId }: Message): Promise<void> {
  const deadline = Date.now() + remainingMs;
  const context = {
    awsRequestId: requestId,
    functionName: process.env["AWS_LAMBDA_FUNCTION_NAME"],
    getRemainingTimeInMillis: () => deadline - Date.now(),
  };
  const { handler } = await loaded;
  try {
    const result = streams
      ? await runStreaming(handler, { event, context, onBytes: (bytes) => port.postMessage({ bytes }) })
      : await handler(event, context);
    // As text: what is not JSON does not leave a function.
    port.postMessage({ result: JSON.stringify(result) ?? "null" });
  } catch (error) {
    const { name, message, stack = "" } = error as Error;
    port.postMessage({ failure: { errorMessage: message, errorType: name, trace: stack.split("\n") } });
  }
}
