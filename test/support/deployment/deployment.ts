/**
 * A whole deployment on this machine: the functions as they are, with the environment their templates give them, on
 * stand-ins for AWS; the workflow in the interpreter; tasks in docker; events and HTTP as AWS delivers them.
 */
import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { CreateClusterCommand } from "@aws-sdk/client-ecs";
import { CreateEventBusCommand } from "@aws-sdk/client-eventbridge";
import { CreateBucketCommand } from "@aws-sdk/client-s3";
import { createBlobs } from "@benchgen/aws/blob/blobs.ts";
import { dynamoDbClient, ecsClient, eventBridgeClient, logsClient, s3Client } from "@benchgen/aws/client.ts";
import { createTable } from "@benchgen/aws/table/table.ts";
import { createToken } from "@benchgen/core/access/token.ts";
import { createCursorCodec } from "@benchgen/core/port/cursor.ts";
import type { Blobs, Table } from "@benchgen/core/ports.ts";
import type { Scope } from "@benchgen/core/wire/api.ts";
import { systemClock } from "@benchgen/local/clock.ts";
import { createIds } from "@benchgen/core/port/id.ts";
import { type RemoteApi, remoteApi } from "../api.ts";
import { createTestTable } from "../aws/dynamodb-local.ts";
import { standInSettings } from "../aws/stand-in.ts";
import { Actor } from "../pipeline.ts";
import type { DeploymentDescription } from "./description.ts";
import { dockerTasks } from "./docker-task.ts";
import { type Ecs, type RunContainers, createEcs } from "./ecs.ts";
import { objectCreated, putEvents } from "./event.ts";
import { type EventRouter, createEventRouter } from "./event-router.ts";
import { type Functions, startFunctions } from "./function.ts";
import { startFunctionUrl } from "./function-url.ts";
import { startHttpApi } from "./http-api.ts";
import { type LogDriver, startLogDriver } from "./log-driver.ts";
import { type Machine, startMachine } from "./machine.ts";
import { recordPermissions } from "./permission-record.ts";
import { type Proxy, startProxy } from "./proxy.ts";
import { inProcessTasks } from "./in-process-task.ts";

export interface DeploymentOptions {
  /** Endpoints of the stand-ins. */
  readonly standIns: { readonly dynamoDb: string; readonly moto: string };
  /** @param urls where API and gateway will be */
  readonly describe: (urls: { apiUrl: string; gatewayUrl: string }) => DeploymentDescription;
  /** Without it, tasks run outside of containers. */
  readonly docker: boolean;
  /** Letters and digits that tell its tables from those of other deployments on the same stand-ins. */
  readonly suffix: string;
}

export interface Deployment {
  readonly description: DeploymentDescription;
  readonly url: string;
  readonly proxy: Proxy;
  readonly functions: Functions;
  readonly machine: Machine;
  readonly events: EventRouter;
  readonly ecs: Ecs;
  readonly logDriver: LogDriver;
  /** Behind the functions' backs. */
  readonly table: Table;
  readonly blobs: Blobs;
  readonly httpRequests: () => number;
  readonly actor: (name: string, scope: Scope, workspace?: string) => Promise<Actor>;
  readonly api: RemoteApi;
  /** Resolves when nothing is going on any more: no execution, no task, no event. */
  readonly settled: () => Promise<void>;
  /** Fails when something went wrong that no test asked for. */
  close(): Promise<void>;
}

export async function openDeployment(options: DeploymentOptions): Promise<Deployment> {
  const { standIns } = options;
  const unexpected: unknown[] = [];
  let functions: Functions | undefined;
  const http = await startHttpApi(
    () => description,
    () => functions!,
  );
  const gateway = await startFunctionUrl((event, onBytes) =>
    functions!.invokeStreaming("gateway", event, onBytes),
  );
  const description = options.describe({ apiUrl: http.url, gatewayUrl: gateway.url });
  const { bucketName, tableName, functions: descriptions } = description;
  // Stand-ins keep the tables of each key apart.
  const credentials = { ...standInSettings.credentials, accessKeyId: `test${options.suffix}` };
  const moto = { region: description.region, credentials, endpoint: standIns.moto };
  const clients = {
    dynamoDb: dynamoDbClient({ ...moto, endpoint: standIns.dynamoDb }),
    s3: s3Client(moto),
    events: eventBridgeClient(moto),
    logs: logsClient(moto),
    ecs: ecsClient(moto),
  };
  await Promise.all([
    createTestTable(clients.dynamoDb, tableName),
    clients.s3.send(new CreateBucketCommand({ Bucket: bucketName })),
    clients.events.send(new CreateEventBusCommand({ Name: description.busName })).catch(ignoreExisting),
    clients.ecs.send(new CreateClusterCommand({ clusterName: description.clusterArn.split("/").at(-1) })),
  ]);
  const logDriver = await startLogDriver(clients.logs, description, (arn, event) => events.send(arn, event));

  let machine: Machine | undefined;
  const proxy = await startProxy(
    {
      account: description,
      ...credentials,
      upstream: (service) => {
        if (service === "states") return machine!.endpoint;
        return service === "dynamodb" ? standIns.dynamoDb : standIns.moto;
      },
      answer: (call) => ecs.answer(call),
      kill: (caller) => functions?.kill(caller),
      onAnswered: (call, request) => {
        if (call.status >= 300) return;
        if (call.service === "events") {
          for (const { bus, event } of putEvents(description, call)) events.put(bus, event);
        }
        const created = /^(PutObject|CopyObject|CompleteMultipartUpload)$/.test(call.operation);
        if (call.service !== "s3" || !created) return;
        const key = decodeURIComponent(
          new URL(request.path, "http://any").pathname.split("/").slice(2).join("/"),
        );
        const object = { bucket: bucketName, key, size: request.body.length, reason: call.operation };
        events.put("default", objectCreated(description, object));
      },
    },
    (error) => unexpected.push(error),
  );
  functions = startFunctions(descriptions, (instance) => ({
    AWS_REGION: description.region,
    AWS_ACCESS_KEY_ID: instance,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    BENCHGEN_AWS_ENDPOINTS: JSON.stringify(
      Object.fromEntries(
        ["dynamodb", "s3", "states", "ecs", "events", "logs", "secretsmanager"].map((name) => [
          name,
          proxy.endpoint,
        ]),
      ),
    ),
  }));
  const events = createEventRouter(description, functions);
  const onOutput = (taskId: string, container: string, text: string): void => {
    logDriver.write(taskId, container, text);
    ecs.printed(taskId, text);
  };
  const runContainers: RunContainers = options.docker
    ? dockerTasks(onOutput)
    : inProcessTasks({ apiUrl: http.url, gatewayUrl: gateway.url, onOutput });
  const ecs = createEcs({ description, client: clients.ecs, runContainers });
  machine = await startMachine({
    description,
    functions,
    runTask: (parameters, signal) => ecs.runTask(parameters, signal),
    onEvent: (event) => events.put("default", event),
    warn: (message) => unexpected.push(message),
  });

  const cursors = createCursorCodec(Buffer.from("of the tests"));
  const table = createTable({ client: clients.dynamoDb, tableName, cursors });
  const blobs = createBlobs({ client: clients.s3, bucket: bucketName, cursors, clock: systemClock });
  const opened = { proxy, functions, machine, events, ecs, logDriver };
  const api = remoteApi(http.url, () => settled(opened));
  const deployment = {
    description,
    url: http.url,
    ...opened,
    table,
    blobs,
    httpRequests: http.requests,
    api,
    settled: () => settled(opened),
    async actor(name: string, scope: Scope, workspace = "lab") {
      const operator = { workspace, name: "operator", scope: "admin" } as const;
      const ports = { table, clock: systemClock, ids: createIds() };
      const { secret } = await createToken(ports, operator, { name, scope, expiresInDays: 1 });
      return new Actor(api, secret);
    },
  };
  return {
    ...deployment,
    async close() {
      await settled(opened);
      recordPermissions(deployment);
      await Promise.all([http.close(), gateway.close()]);
      await machine.close();
      await functions.close();
      await logDriver.close();
      await proxy.close();
      for (const client of Object.values(clients)) client.destroy();
      assert.deepEqual(unexpected, []);
    },
  };
}

async function settled({
  machine,
  events,
  ecs,
  logDriver,
}: Pick<Deployment, "machine" | "events" | "ecs" | "logDriver">): Promise<void> {
  let calm = 0;
  // Twice in a row: the end of one thing may be the beginning of another.
  while (calm < 2) {
    await events.idle();
    const idle = machine.running() === 0 && events.isIdle() && ecs.isIdle() && logDriver.isIdle();
    calm = idle ? calm + 1 : 0;
    await sleep(20);
  }
}

function ignoreExisting(error: unknown): void {
  if (!(error instanceof Error) || error.name !== "ResourceAlreadyExistsException") throw error;
}
