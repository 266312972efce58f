/** What a deployment consists of, as far as the tests bring it to life: read from its templates by `template.ts`. */
import type { Json } from "@benchgen/core/ports.ts";
import type { Account } from "./call.ts";
import type { Statement } from "./policy.ts";

export interface FunctionDescription {
  /** That of its file: `validate`. */
  readonly name: string;
  readonly functionName: string;
  readonly arn: string;
  /** URL of the module that exports `handler`. */
  readonly module: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutSeconds: number;
  readonly memoryMb: number;
  /** Of its role. */
  readonly statements: readonly Statement[];
  /** How often Lambda repeats an event that the function refused. */
  readonly asyncRetries: number;
  /** ARN of the queue for events that the function refused to the last. */
  readonly asyncDeadLetterArn: string | undefined;
}

export interface RuleTarget {
  readonly arn: string;
  readonly retries: number;
  /** ARN of the queue for what could not be delivered. */
  readonly deadLetterArn: string | undefined;
}

export interface RuleDescription {
  readonly name: string;
  /** `default`, or our own bus's name. */
  readonly bus: string;
  /** Undefined for a schedule. */
  readonly pattern: Readonly<Record<string, Json>> | undefined;
  readonly schedule: string | undefined;
  readonly targets: readonly RuleTarget[];
}

export interface RouteDescription {
  /** `$default`, `GET /health`, `ANY /jobs/{proxy+}`. */
  readonly key: string;
  readonly functionArn: string;
  /** ARN of the authorizer's function. */
  readonly authorizerArn: string | undefined;
}

export interface MachineDescription {
  readonly arn: string;
  readonly name: string;
  /** With every substitution resolved. */
  readonly definition: object;
  readonly statements: readonly Statement[];
}

/** What is passed on of what is written into a log group. */
export interface SubscriptionDescription {
  readonly name: string;
  readonly logGroup: string;
  /** In the syntax of CloudWatch's filters. */
  readonly pattern: string;
  readonly functionArn: string;
}

export interface DeploymentDescription extends Account {
  readonly stage: string;
  readonly tableName: string;
  readonly bucketName: string;
  readonly busName: string;
  readonly clusterArn: string;
  readonly logGroup: string;
  readonly functions: readonly FunctionDescription[];
  readonly rules: readonly RuleDescription[];
  readonly subscriptions: readonly SubscriptionDescription[];
  readonly routes: readonly RouteDescription[];
  readonly machine: MachineDescription;
}
