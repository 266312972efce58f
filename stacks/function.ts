/** How every function of ours is made: its own role, its own log, its own bundle. */
import { Duration, RemovalPolicy } from "aws-cdk-lib";
import { PolicyDocument, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { LogGroup } from "aws-cdk-lib/aws-logs";
import type { IQueue } from "aws-cdk-lib/aws-sqs";
import { NagSuppressions } from "cdk-nag";
import { Function, type Stack } from "sst/constructs";
import { type FunctionName, nodejs } from "../packages/functions/bundle.ts";
import { type Grant, statementOf } from "./grant.ts";
import { namesOf } from "./name.ts";
import { settingsOf } from "./setting.ts";

export interface FunctionOptions {
  readonly description: string;
  readonly timeoutSeconds: number;
  /** CPU comes with it: 1,769 MB are one. */
  readonly memoryMb: number;
  /** Only what it uses: packages/functions/src/environment.ts. */
  readonly environment: Readonly<Record<string, string>>;
  readonly grants: readonly Grant[];
  /** Of all at once; default: as many as the account allows. */
  readonly reservedConcurrency?: number;
  /** For a function that events start: where an event ends that it failed on. */
  readonly deadLetters?: IQueue;
  /** How often it is given an event again that it failed on. Default 2. */
  readonly retryAttempts?: number;
}

/** An event nobody could handle for so long is for a person to look at. */
export const maxEventAge = Duration.hours(6);
export const retryAttempts = 2;

/**
 * No concurrency is reserved unless the operator says so: a new account has ten in all, of which AWS lets nobody reserve
 * any. What strangers can start through the API is limited by its rate.
 */
export function pipelineFunction(stack: Stack, name: FunctionName, options: FunctionOptions): Function {
  const names = namesOf(stack.stage);
  const logGroup = new LogGroup(stack, `${name}-log`, {
    logGroupName: names.logGroup(`function/${name}`),
    retention: settingsOf(stack).logRetentionDays,
    removalPolicy: RemovalPolicy.DESTROY,
  });
  const role = functionRole(stack, name, [
    { actions: ["logs:CreateLogStream", "logs:PutLogEvents"], resources: [logGroup.logGroupArn] },
    ...options.grants,
    ...(options.deadLetters === undefined
      ? []
      : [{ actions: ["sqs:SendMessage"], resources: [options.deadLetters.queueArn] }]),
  ]);
  const made = new Function(stack, name, {
    functionName: `${names.prefix}-${name}`,
    description: options.description,
    handler: `packages/functions/src/${name}.handler`,
    runtime: "nodejs24.x",
    architecture: "arm_64",
    memorySize: options.memoryMb,
    timeout: options.timeoutSeconds,
    ...(options.reservedConcurrency === undefined
      ? {}
      : { reservedConcurrentExecutions: options.reservedConcurrency }),
    // X-Ray would need a permission on everything; what happened is in the logs and in the workflow's history.
    tracing: "disabled",
    environment: { ...options.environment },
    nodejs: { ...nodejs, sourcemap: false },
    role,
    logGroup,
  });
  if (options.deadLetters !== undefined) {
    const destination = options.deadLetters.queueArn;
    // Not SqsDestination: it allows more than sending.
    made.configureAsyncInvoke({
      onFailure: { bind: () => ({ destination }) },
      maxEventAge,
      retryAttempts: options.retryAttempts ?? retryAttempts,
    });
  }
  return made;
}

function functionRole(stack: Stack, name: FunctionName, grants: readonly Grant[]): Role {
  const role = new Role(stack, `${name}-role`, {
    assumedBy: new ServicePrincipal("lambda.amazonaws.com"),
    inlinePolicies: { own: new PolicyDocument({ statements: grants.map(statementOf) }) },
  });
  explainWildcards(role, grants);
  return role;
}

/** Says to cdk-nag what is said beside each wildcard. */
export function explainWildcards(role: Role, grants: readonly Pick<Grant, "why">[]): void {
  const reasons = new Set(grants.flatMap(({ why }) => why ?? []));
  if (reasons.size > 0) {
    const reason = [...reasons].join(" ");
    NagSuppressions.addResourceSuppressions(role, [{ id: "AwsSolutions-IAM5", reason }], true);
  }
}
