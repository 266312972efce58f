/** One instance of a function: loads its module once, as Lambda does, and then takes one event at a time. */
import { parentPort, workerData } from "node:worker_threads";

type Handler = (event: unknown, context: object) => Promise<unknown>;

const { module } = workerData as { module: string };
const port = parentPort!;
const loaded = import(module) as Promise<{ handler: Handler }>;

port.on("message", (message: { event: unknown; remainingMs: number; requestId: string }) => {
  void answer(message);
});

async function answer({
  event,
  remainingMs,
  requestId,
}: {
  event: unknown;
  remainingMs: number;
  requestId: string;
}): Promise<void> {
  const deadline = Date.now() + remainingMs;
  const context = {
    awsRequestId: requestId,
    functionName: process.env["AWS_LAMBDA_FUNCTION_NAME"],
    getRemainingTimeInMillis: () => deadline - Date.now(),
  };
  const { handler } = await loaded;
  try {
    const result = await handler(event, context);
    // As text: what is not JSON does not leave a function.
    port.postMessage({ result: JSON.stringify(result) ?? "null" });
  } catch (error) {
    const { name, message, stack = "" } = error as Error;
    port.postMessage({ failure: { errorMessage: message, errorType: name, trace: stack.split("\n") } });
  }
}
