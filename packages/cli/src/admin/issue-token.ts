/** Makes a token straight in a deployment's table: how the first administrator gets in. Needs AWS credentials. */
import { randomBytes } from "node:crypto";
import { dynamoDbClient, ssmClient } from "@benchgen/aws/client.ts";
import { type Deployment, readDeployment } from "@benchgen/aws/deployment.ts";
import { createTable } from "@benchgen/aws/table/table.ts";
import { createToken } from "@benchgen/core/access/token.ts";
import { createCursorCodec } from "@benchgen/core/port/cursor.ts";
import type { Scope, Token } from "@benchgen/core/wire/api.ts";
import { systemClock } from "@benchgen/local/clock.ts";
import { createIds } from "@benchgen/core/port/id.ts";

export interface TokenRequest {
  readonly stage: string;
  readonly region: string;
  readonly workspace: string;
  readonly name: string;
  readonly scope: Scope;
  readonly days: number;
}

export interface IssuedToken {
  readonly deployment: Deployment;
  readonly token: Token;
  readonly secret: string;
}

/**
 * Whoever may write the table may do anything in it, so nobody else is asked.
 * @throws NotFound when there is no such deployment; PlatformFault `aws_failed`, for one without credentials
 */
export async function issueToken(request: TokenRequest): Promise<IssuedToken> {
  const { stage, region, workspace, name, scope, days } = request;
  const deployment = await readDeployment(ssmClient({ region }), stage);
  const table = createTable({
    client: dynamoDbClient({ region: deployment.region }),
    tableName: deployment.tableName,
    // Nothing is listed here, so no cursor outlives this process.
    cursors: createCursorCodec(randomBytes(32)),
  });
  const administrator = { workspace, name, scope: "admin" } as const;
  const ports = { table, clock: systemClock, ids: createIds() };
  const issued = await createToken(ports, administrator, { name, scope, expiresInDays: days });
  return { deployment, ...issued };
}
