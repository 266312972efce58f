/** Lambda: each instance of a function is a thread with its own environment, busy with one event at a time. */
import { randomUUID } from "node:crypto";
import { Worker } from "node:worker_threads";
import type { FunctionDescription } from "./description.ts";

/** How an invocation failed, as Lambda shows it to whoever invoked the function. */
export class FunctionFailure extends Error {
  /** `{"errorMessage", "errorType", "trace"}` */
  readonly payload: { readonly errorMessage: string; readonly errorType: string };

  constructor(payload: { errorMessage: string; errorType: string }) {
    super(payload.errorMessage);
    this.name = payload.errorType;
    this.payload = payload;
  }
}

export interface Invocation {
  readonly functionName: string;
  readonly durationMs: number;
  /** The instance had to be started for it. */
  readonly cold: boolean;
  readonly failed: boolean;
}

interface Instance {
  readonly name: string;
  readonly worker: Worker;
  busy: boolean;
}

export interface Functions {
  readonly invocations: Invocation[];
  /** @throws FunctionFailure as Lambda says it: the function's own error, `Sandbox.Timedout`, `Runtime.ExitError` */
  invoke(functionName: string, event: unknown): Promise<unknown>;
  /** The same for a function that streams: resolves when it has ended. */
  invokeStreaming(functionName: string, event: unknown, onBytes: (bytes: Buffer) => void): Promise<void>;
  /** Ends the instance of that name in the middle of whatever it does. */
  kill(instance: string): void;
  /** What the functions print is their log. */
  readonly output: string[];
  close(): Promise<void>;
}

/** @param environment what Lambda itself gives each instance, beside the function's own variables */
export function startFunctions(
  descriptions: readonly FunctionDescription[],
  environment: (instance: string) => Record<string, string>,
): Functions {
  const byName = new Map(descriptions.map((each) => [each.name, each]));
  const pools = new Map<string, Instance[]>();
  const invocations: Invocation[] = [];
  const output: string[] = [];
  let started = 0;

  const start = (description: FunctionDescription): Instance => {
    const name = `${description.name}.${++started}`;
    const worker = new Worker(new URL("function-worker.ts", import.meta.url), {
      workerData: { module: description.module },
      env: {
        ...description.environment,
        ...environment(name),
        AWS_LAMBDA_FUNCTION_NAME: description.functionName,
        AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(description.memoryMb),
      },
      stdout: true,
      stderr: true,
    });
    for (const stream of [worker.stdout, worker.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => output.push(`${description.name}: ${text}`));
    }
    worker.unref();
    const instance = { name, worker, busy: false };
    const pool = pools.get(description.name) ?? [];
    pools.set(description.name, [...pool, instance]);
    worker.on("exit", () => {
      pools.set(
        description.name,
        (pools.get(description.name) ?? []).filter((each) => each !== instance),
      );
    });
    // Its exit follows, and fails what it was doing.
    worker.on("error", (error) => output.push(`${description.name}: ${String(error)}`));
    return instance;
  };

  const invoke = async (
    functionName: string,
    event: unknown,
    onBytes?: (bytes: Buffer) => void,
  ): Promise<unknown> => {
    const description = byName.get(functionName);
    if (description === undefined) throw new Error(`the deployment has no function ${functionName}`);
    const idle = pools.get(functionName)?.find(({ busy }) => !busy);
    const instance = idle ?? start(description);
    instance.busy = true;
    const startedAt = performance.now();
    let failed = true;
    try {
      const result = await runEvent(instance, description, { event: JSON.stringify(event), onBytes });
      failed = false;
      return result;
    } finally {
      instance.busy = false;
      const durationMs = performance.now() - startedAt;
      invocations.push({ functionName, durationMs, cold: idle === undefined, failed });
    }
  };

  return {
    invocations,
    output,
    invoke: (functionName, event) => invoke(functionName, event),
    async invokeStreaming(functionName, event, onBytes) {
      await invoke(functionName, event, onBytes);
    },
    kill(name) {
      const instance = [...pools.values()].flat().find((each) => each.name === name);
      void instance?.worker.terminate();
    },
    async close() {
      await Promise.all([...pools.values()].flat().map(({ worker }) => worker.terminate()));
    },
  };
}

/** The last word of an event. */
type End = { result: string } | { failure: { errorMessage: string; errorType: string } };
/** Before it, what a function streams. */
type Message = { bytes: Uint8Array } | End;

async function runEvent(
  { worker }: Instance,
  { timeoutSeconds }: FunctionDescription,
  { event, onBytes }: { event: string; onBytes: ((bytes: Buffer) => void) | undefined },
): Promise<unknown> {
  const requestId = randomUUID();
  const message = await new Promise<End>((resolve) => {
    const clock = setTimeout(() => {
      void worker.terminate();
      const errorMessage = `${requestId} Task timed out after ${timeoutSeconds} seconds`;
      end({ failure: { errorMessage, errorType: "Sandbox.Timedout" } });
    }, timeoutSeconds * 1000);
    const onExit = () => {
      const errorMessage = `RequestId: ${requestId} Error: Runtime exited with error: signal: killed`;
      end({ failure: { errorMessage, errorType: "Runtime.ExitError" } });
    };
    const onMessage = (said: Message) => {
      if ("bytes" in said) onBytes?.(Buffer.from(said.bytes));
      else end(said);
    };
    const end = (last: End) => {
      clearTimeout(clock);
      worker.off("message", onMessage).off("exit", onExit);
      resolve(last);
    };
    worker.on("message", onMessage).on("exit", onExit);
    const message = {
      event: JSON.parse(event) as unknown,
      streams: onBytes !== undefined,
      remainingMs: timeoutSeconds * 1000,
      requestId,
    };
    worker.postMessage(message, []);
  });
  if ("failure" in message) throw new FunctionFailure(message.failure);
  return JSON.parse(message.result);
}
