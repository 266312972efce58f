import { NagSuppressions } from "cdk-nag";
import type { Stack } from "sst/constructs";

/** What SST and CDK bring along in every stack, used at deploy time only: their own runtimes and roles. */
export function explainFramework(stack: Stack): void {
  NagSuppressions.addResourceSuppressions(
    stack.customResourceHandler,
    [
      { id: "AwsSolutions-IAM4", reason: "SST's handler writes its log, and has no other permission." },
      { id: "AwsSolutions-L1", reason: "SST chooses the runtime of its own handler." },
    ],
    true,
  );
}
