/** The HTTP API over the ports on AWS. */
import { createApi } from "@benchgen/api/app.ts";
import { gatewayPath } from "@benchgen/api/route/gateway.ts";
import { ecsClient, logsClient } from "@benchgen/aws/client.ts";
import { createLogs } from "@benchgen/aws/log/logs.ts";
import { taskAttempts } from "@benchgen/aws/log/source.ts";
import { createCursorCodec } from "@benchgen/core/port/cursor.ts";
import type { Ports } from "@benchgen/core/ports.ts";
import { deploymentSecret } from "@benchgen/core/record/secret.ts";
import { version } from "@benchgen/core/version.ts";
import * as z from "zod";
import { setting } from "./environment.ts";
import { errorFields, writeLog } from "./log.ts";
import {
  blobsWith,
  bus,
  clientSettings,
  clock,
  ids,
  launcher,
  secrets,
  table,
  tableWith,
  upstream,
  workflowWith,
} from "./port.ts";
import { uploadPolicy } from "./upload-limit.ts";
import { readVerdict } from "./verdict.ts";

/** API Gateway gives an answer up after 30 s. */
const logFollowMs = 20_000;

/**
 * Lambda takes 6 MB, as a text in JSON: base64 makes bytes longer by a third, escapes make a text of quotes and line
 * ends twice as long.
 */
const maxAnswerBytes = 3_000_000;

/** What is packed while it is asked for, in a third of the 30 s at the 65 MB/s that a function moves. */
const maxPackedBytes = 512 * 1024 ** 2;

/** What may be written while it is asked for, of the same 30 s; the rest is for what comes before and after. */
const maxExportMs = 20_000;

/** What `hono/aws-lambda` gives the app beside each request. */
const envSchema = z.object({
  event: z.object({
    requestContext: z.object({ authorizer: z.object({ lambda: z.unknown() }).optional() }),
  }),
});

export async function openApp(): Promise<ReturnType<typeof createApi>> {
  const ports = await openPorts();
  return createApi({
    ports,
    authenticate: async (_request, env) =>
      readVerdict(envSchema.parse(env).event.requestContext.authorizer?.lambda),
    onError: (error, context) => writeLog("error", "api", { ...context, ...errorFields(error) }),
    gatewayUrl: setting("BENCHGEN_GATEWAY_URL").replace(/\/$/, "") + gatewayPath,
    version,
    logFollowMs,
    maxAnswerBytes,
    maxPackedBytes,
    maxExportMs,
    uploadPolicy,
  });
}

/** The cursors clients hold stay good whichever process is asked next. */
async function openPorts(): Promise<Ports> {
  const cursors = createCursorCodec(await deploymentSecret({ table: table(), ids: ids() }, "cursor"));
  const blobs = blobsWith(cursors);
  const attempts = taskAttempts({
    client: ecsClient(clientSettings("ecs")),
    cluster: setting("BENCHGEN_CLUSTER"),
  });
  return {
    table: tableWith(cursors),
    blobs,
    workflow: workflowWith(cursors),
    launcher: launcher(),
    bus: bus(),
    logs: createLogs({
      client: logsClient(clientSettings("logs")),
      logGroup: setting("BENCHGEN_LOG_GROUP"),
      cursors,
      blobs,
      attempts,
    }),
    secrets: secrets(),
    upstream: upstream(),
    clock,
    ids: ids(),
  };
}
