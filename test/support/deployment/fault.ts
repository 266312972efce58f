/** Ways in which a call of AWS goes wrong. */
import type { ServerResponse } from "node:http";
import type { AwsCall } from "./call.ts";

/** `before`: AWS never saw the call. `after`: it did its work, and the answer was lost. */
export type Effect = "throttle" | "drop before" | "drop after" | "kill before" | "kill after";

export interface Fault {
  readonly effect: Effect;
  readonly matches: (call: AwsCall) => boolean;
  /** How many calls that match go well before; counted down. */
  skip: number;
  /** How many go wrong then; counted down. */
  times: number;
}

/**
 * A fault of the calls that one function makes.
 * @param options service, operation and whether it writes narrow it down; every call by default
 */
export function faultOf(
  functionName: string,
  effect: Effect,
  options: { service?: string; operation?: string; writes?: boolean; skip?: number; times?: number } = {},
): Fault {
  const { service, operation, writes = false, skip = 0, times = 1 } = options;
  return {
    effect,
    skip,
    times,
    matches: (call) =>
      callerFunction(call.caller) === functionName &&
      (service === undefined || call.service === service) &&
      (operation === undefined || call.operation === operation) &&
      (!writes || isWrite(call)),
  };
}

/** Whether something is different afterwards. */
function isWrite({ operation }: AwsCall): boolean {
  return !/^(Get|Head|List|Describe|Query|Scan)/.test(operation);
}

/** An instance signs as `validate.1`, the first of `validate`. */
export function callerFunction(caller: string): string {
  return caller.replace(/\.\d+$/, "");
}

/** Answers as the service does when it is asked too often. */
export function throttled(service: string, response: ServerResponse): void {
  if (service === "s3") {
    response.writeHead(503, { "content-type": "application/xml" });
    response.end("<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>");
    return;
  }
  const dynamoDb = service === "dynamodb";
  const name = dynamoDb ? "ProvisionedThroughputExceededException" : "ThrottlingException";
  response.writeHead(400, { "content-type": `application/x-amz-json-1.${dynamoDb ? 0 : 1}` });
  response.end(JSON.stringify({ __type: name, message: "Rate exceeded" }));
}
