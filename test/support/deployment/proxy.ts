/**
 * Between a deployment's functions and the stand-ins for AWS: records every call with who made it, and makes some of
 * them fail the way AWS fails.
 */
import { Agent, createServer, request as sendRequest } from "node:http";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { type Account, type AwsCall, type AwsRequest, describeCall } from "./call.ts";
import { type Fault, throttled } from "./fault.ts";
import { type Refusal, refusalOf } from "./presigned.ts";
import { missingObjectPermission } from "./s3-operation.ts";

export interface RecordedCall extends AwsCall {
  /** False for what somebody else did with a URL the function had signed. */
  readonly byFunction: boolean;
  readonly status: number;
  readonly requestBytes: number;
  readonly responseBytes: number;
  /** The answer's own words, for operations in JSON. */
  readonly output: Readonly<Record<string, unknown>>;
}

export interface ProxyOptions {
  readonly account: Account;
  /** What calls are passed on with: stand-ins keep the tables of each key apart. */
  readonly accessKeyId: string;
  /** What the functions sign with. */
  readonly secretAccessKey: string;
  /** Where each service really is: `http://127.0.0.1:5000`. */
  readonly upstream: (service: string) => string;
  /** Answers what no stand-in can; undefined for everything else. */
  readonly answer?: (call: AwsCall) => Promise<object | undefined>;
  /** Called after the answer has arrived, and before it is passed on. */
  readonly onAnswered?: (call: RecordedCall, request: AwsRequest) => void;
  /** Ends whoever has that name at once, as when Lambda kills an instance. */
  readonly kill: (caller: string) => void;
}

export interface Proxy {
  readonly endpoint: string;
  /** In the order of their answers. */
  readonly calls: RecordedCall[];
  /** Until it has happened as often as it says. */
  inject(fault: Fault): void;
  /** Nothing goes wrong any more. */
  heal(): void;
  /** How far AWS's clock is ahead, milliseconds: signed URLs expire by it. */
  clockAheadMs: number;
  close(): Promise<void>;
}

/** @throws nothing: a request nobody has described is answered with 500 and told to `unexpected` */
export async function startProxy(
  options: ProxyOptions,
  unexpected: (error: unknown) => void,
): Promise<Proxy> {
  const calls: RecordedCall[] = [];
  const faults: Fault[] = [];
  const agent = new Agent({ keepAlive: true });
  const server = createServer((incoming, outgoing) => {
    handle(
      { ...options, calls, faults, agent, now: () => Date.now() + proxy.clockAheadMs },
      incoming,
      outgoing,
    ).catch((error: unknown) => {
      unexpected(error);
      if (!outgoing.headersSent) outgoing.writeHead(500);
      outgoing.end();
    });
  });
  const endpoint = await listen(server);
  const proxy: Proxy = {
    endpoint,
    calls,
    clockAheadMs: 0,
    inject: (fault) => void faults.push(fault),
    heal: () => void faults.splice(0),
    close: async () => {
      agent.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return proxy;
}

async function handle(
  proxy: ProxyOptions & { calls: RecordedCall[]; faults: Fault[]; agent: Agent; now: () => number },
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const request: AwsRequest = {
    method: incoming.method ?? "GET",
    path: incoming.url ?? "/",
    headers: incoming.headers as Record<string, string | undefined>,
    body: await buffer(incoming),
  };
  const call = describeCall(request, proxy.account);
  const refusal = refusalOf(request, proxy.secretAccessKey, proxy.now());
  if (refusal !== undefined) return refuse(refusal, outgoing);
  const fault = nextFault(proxy.faults, call);
  if (fault?.effect === "throttle") return throttled(call.service, outgoing);
  if (fault?.effect === "drop before") return void incoming.socket.destroy();
  if (fault?.effect === "kill before") {
    proxy.kill(call.caller);
    return void incoming.socket.destroy();
  }
  const answer = await forward(proxy, call, request);
  const recorded = record(call, request, answer);
  proxy.calls.push(recorded);
  proxy.onAnswered?.(recorded, request);
  if (fault?.effect === "kill after") proxy.kill(call.caller);
  if (fault !== undefined) return void incoming.socket.destroy();
  outgoing.writeHead(answer.status, answer.headers).end(answer.body);
  return undefined;
}

function refuse({ status, code }: Refusal, outgoing: ServerResponse): void {
  outgoing.writeHead(status, { "content-type": "application/xml" });
  outgoing.end(`<Error><Code>${code}</Code></Error>`);
}

interface Answer {
  readonly status: number;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly body: Buffer;
}

async function forward(
  { answer, upstream, accessKeyId, agent }: ProxyOptions & { agent: Agent },
  call: AwsCall,
  request: AwsRequest,
): Promise<Answer> {
  const own = await answer?.(call);
  if (own !== undefined) {
    return { status: 200, headers: { "content-type": "application/x-amz-json-1.1" }, body: jsonOf(own) };
  }
  const body =
    call.service === "dynamodb" ? jsonOf({ ...call.input, ReturnConsumedCapacity: "INDEXES" }) : request.body;
  const { "transfer-encoding": _chunked, ...headers } = request.headers;
  const sent = sendRequest(new URL(request.path, upstream(call.service)), {
    method: request.method,
    agent,
    headers: {
      ...headers,
      "content-length": body.length,
      ...(headers["authorization"] === undefined
        ? {}
        : {
            authorization: headers["authorization"].replace(/Credential=[^/]+/, `Credential=${accessKeyId}`),
          }),
    },
  });
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    sent.on("response", resolve).on("error", reject).end(body);
  });
  const { "transfer-encoding": _also, ...answered } = response.headers;
  return { status: response.statusCode ?? 0, headers: answered, body: await buffer(response) };
}

function record(call: AwsCall, request: AwsRequest, { status, body }: Answer): RecordedCall {
  const missing = call.service === "s3" && status === 404 ? missingObjectPermission(call.permissions) : [];
  return {
    ...call,
    permissions: [...call.permissions, ...missing],
    byFunction: request.headers["authorization"] !== undefined,
    status,
    requestBytes: request.body.length,
    responseBytes: body.length,
    // Whatever its content type: moto's is not always AWS's.
    output: call.service === "s3" ? {} : (JSON.parse(body.toString() || "{}") as Record<string, unknown>),
  };
}

function nextFault(faults: Fault[], call: AwsCall): Fault | undefined {
  const found = faults.find((fault) => fault.matches(call));
  if (found === undefined) return undefined;
  if (found.skip > 0) {
    found.skip--;
    return undefined;
  }
  found.times--;
  if (found.times === 0) faults.splice(faults.indexOf(found), 1);
  return found;
}

function jsonOf(value: object): Buffer {
  return Buffer.from(JSON.stringify(value));
}

/** Listens on a free port of loopback. @returns its URL */
export async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
