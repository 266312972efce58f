/**
 * Asks a deployment that runs whether it does what is promised, and removes what it made. Needs AWS credentials that may
 * read its SSM parameter, write its table and bucket, and make a rule and a log group. Costs a few cents.
 *
 * usage: npm run test:live -- --stage NAME [--region REGION]
 */
import { parseArgs } from "node:util";
import { createBlobs } from "@benchgen/aws/blob/blobs.ts";
import { dynamoDbClient, eventBridgeClient, logsClient, s3Client } from "@benchgen/aws/client.ts";
import { createTable } from "@benchgen/aws/table/table.ts";
import { issueToken } from "@benchgen/cli/admin/issue-token.ts";
import { messageOf } from "@benchgen/core/error.ts";
import { createCursorCodec } from "@benchgen/core/port/cursor.ts";
import type { Blobs } from "@benchgen/core/ports.ts";
import { systemClock } from "@benchgen/local/clock.ts";
import { announcedSchema, remoteApi } from "../support/api.ts";
import { Actor } from "../support/pipeline.ts";
import { type LiveContext, runChecks } from "./check.ts";
import { cleanUp } from "./clean-up.ts";
import { listen } from "./listener.ts";

const { values } = parseArgs({ options: { stage: { type: "string" }, region: { type: "string" } } });
const region = values.region ?? process.env["AWS_REGION"] ?? process.env["AWS_DEFAULT_REGION"];
if (values.stage === undefined || region === undefined) {
  process.stderr.write("Say which deployment: npm run test:live -- --stage NAME [--region REGION]\n");
  process.exit(2);
}
const { stage } = values;
const mark = `benchgen-live-${Date.now().toString(36)}`;
const { deployment, secret } = await issueToken({
  stage,
  region,
  workspace: mark,
  name: "live",
  scope: "admin",
  days: 1,
}).catch((error: unknown) => {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exit(1);
});
const settings = { region: deployment.region };
const cursors = createCursorCodec(Buffer.from(mark));
const table = createTable({ client: dynamoDbClient(settings), tableName: deployment.tableName, cursors });
const clients = { events: eventBridgeClient(settings), logs: logsClient(settings) };
const author = new Actor(remoteApi(deployment.apiUrl), secret);
const made: LiveContext["made"] = { environments: new Set(), runs: new Set() };
const listener = await listen(clients, { busName: `benchgen-${stage}`, mark });
try {
  const context = { author, mark, made, events: () => listener.events() };
  const failed = await runChecks(context, { real: true, say: (line) => process.stdout.write(`${line}\n`) });
  process.stdout.write(
    `\n${failed.length === 0 ? "All checks passed." : `${failed.length} checks failed.`}\n`,
  );
  process.exitCode = failed.length === 0 ? 0 : 1;
} finally {
  const blobs = await bucketOf();
  await listener.close();
  await cleanUp({ table, blobs }, { made }, mark);
}

/** The bucket is named in the URLs that the API signs. */
async function bucketOf(): Promise<Blobs | undefined> {
  const body = { kind: "submission", filename: "none.zip", size: 1, sha256: "0".repeat(64) };
  const { put } = await author.json(announcedSchema, "POST", "/uploads", body);
  const bucket = new URL(put.url).hostname.split(".s3.")[0];
  if (bucket === undefined) return undefined;
  return createBlobs({ client: s3Client(settings), bucket, cursors, clock: systemClock });
}
