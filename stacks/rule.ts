/** Rules: which event starts which function. */
import {
  type EventPattern,
  type IEventBus,
  type IRuleTarget,
  Rule,
  type Schedule,
} from "aws-cdk-lib/aws-events";
import { LambdaFunction } from "aws-cdk-lib/aws-events-targets";
import type { IFunction } from "aws-cdk-lib/aws-lambda";
import type { IQueue } from "aws-cdk-lib/aws-sqs";
import type { Stack } from "sst/constructs";
import { maxEventAge, retryAttempts } from "./function.ts";
import { namesOf } from "./name.ts";

type Trigger =
  | { readonly eventPattern: EventPattern; /** Default: AWS's own. */ readonly eventBus?: IEventBus }
  | { readonly schedule: Schedule };

export interface RuleOptions {
  readonly description: string;
  readonly on: Trigger;
  readonly target: IRuleTarget;
  /** Of events EventBridge could not deliver. */
  readonly deadLetters: IQueue;
}

export function route(
  stack: Stack,
  name: string,
  { description, on, target, deadLetters }: RuleOptions,
): Rule {
  return new Rule(stack, `${name}-rule`, {
    ruleName: `${namesOf(stack.stage).prefix}-${name}`,
    description,
    ...on,
    // The target's own option would write into the queue's policy, whose stack comes before that of the rule.
    targets: [
      { bind: (rule, id) => ({ ...target.bind(rule, id), deadLetterConfig: { arn: deadLetters.queueArn } }) },
    ],
  });
}

export function toFunction(handler: IFunction, retries: number = retryAttempts): IRuleTarget {
  return new LambdaFunction(handler, { maxEventAge, retryAttempts: retries });
}
