/**
 * The composition root on AWS: every port, made when a handler first asks for it and kept while its process lives.
 * Each stands alone and is marked as pure, so that a handler's bundle holds the clients of the ports it asks for and
 * no others (bundle.test.ts).
 */
import { randomBytes } from "node:crypto";
import { createBlobs } from "@benchgen/aws/blob/blobs.ts";
import { createBus } from "@benchgen/aws/bus/bus.ts";
import {
  type ClientSettings,
  dynamoDbClient,
  ecsClient,
  eventBridgeClient,
  s3Client,
  secretsClient,
  stepFunctionsClient,
} from "@benchgen/aws/client.ts";
import { createLauncher } from "@benchgen/aws/launcher/launcher.ts";
import type { TaskSettings } from "@benchgen/aws/launcher/task-definition.ts";
import { createSecrets } from "@benchgen/aws/secret/secrets.ts";
import { createTable } from "@benchgen/aws/table/table.ts";
import { createWorkflow } from "@benchgen/aws/workflow/workflow.ts";
import { type CursorCodec, createCursorCodec } from "@benchgen/core/port/cursor.ts";
import { createIds } from "@benchgen/core/port/id.ts";
import type { Blobs, Clock, Table, Workflow } from "@benchgen/core/ports.ts";
import { createUpstream } from "@benchgen/local/upstream/upstream.ts";
import { type Service, setting } from "./environment.ts";
import { once } from "./once.ts";

export const clock: Clock = { now: () => new Date() };
export const ids = /* @__PURE__ */ once(createIds);

/** How clients of that service are made. Credentials come from the function's environment. */
export function clientSettings(service: Service): ClientSettings {
  const region = setting("AWS_REGION");
  const endpoint = setting("BENCHGEN_AWS_ENDPOINTS")[service];
  return endpoint === undefined ? { region } : { region, endpoint };
}

/** Cursors that never leave this process: of handlers that read page after page themselves. */
const ownCursors = /* @__PURE__ */ once(() => createCursorCodec(randomBytes(32)));

export function tableWith(cursors: CursorCodec): Table {
  const client = dynamoDbClient(clientSettings("dynamodb"));
  return createTable({ client, tableName: setting("BENCHGEN_TABLE"), cursors });
}

export function blobsWith(cursors: CursorCodec): Blobs {
  const client = s3Client(clientSettings("s3"));
  return createBlobs({ client, bucket: setting("BENCHGEN_BUCKET"), cursors, clock });
}

export function workflowWith(cursors: CursorCodec): Workflow {
  const client = stepFunctionsClient(clientSettings("states"));
  return createWorkflow({ client, stateMachineArn: setting("BENCHGEN_STATE_MACHINE_ARN"), cursors });
}

export const table = /* @__PURE__ */ once(() => tableWith(ownCursors()));
export const blobs = /* @__PURE__ */ once(() => blobsWith(ownCursors()));
export const workflow = /* @__PURE__ */ once(() => workflowWith(ownCursors()));

export const bus = /* @__PURE__ */ once(() =>
  createBus({ client: eventBridgeClient(clientSettings("events")), busName: setting("BENCHGEN_BUS") }),
);

export const secrets = /* @__PURE__ */ once(() =>
  createSecrets({
    client: secretsClient(clientSettings("secretsmanager")),
    prefix: setting("BENCHGEN_SECRET_PREFIX"),
  }),
);

/** Where AWS is a stand-in on this machine, models may be as well. */
export const upstream = /* @__PURE__ */ once(() =>
  createUpstream({ allowLoopback: Object.keys(setting("BENCHGEN_AWS_ENDPOINTS")).length > 0 }),
);

export const launcher = /* @__PURE__ */ once(() =>
  createLauncher({
    client: ecsClient(clientSettings("ecs")),
    cluster: setting("BENCHGEN_CLUSTER"),
    settings: taskSettings,
  }),
);

function taskSettings(): TaskSettings {
  return {
    prefix: setting("BENCHGEN_TASK_PREFIX"),
    runnerImage: setting("BENCHGEN_RUNNER_IMAGE"),
    defaultImage: setting("BENCHGEN_DEFAULT_IMAGE"),
    architecture: setting("BENCHGEN_ARCHITECTURE"),
    executionRoleArn: setting("BENCHGEN_EXECUTION_ROLE_ARN"),
    logGroup: setting("BENCHGEN_LOG_GROUP"),
    region: setting("AWS_REGION"),
    apiUrl: setting("BENCHGEN_API_URL"),
    modelNetwork: setting("BENCHGEN_MODEL_NETWORK"),
  };
}
