/** The gateway to models: a function of its own, which holds their keys, and streams. */
import { FunctionUrlAuthType, InvokeMode } from "aws-cdk-lib/aws-lambda";
import { type Function, type Stack, use } from "sst/constructs";
import { Events } from "./event.ts";
import { pipelineFunction } from "./function.ts";
import * as grant from "./grant.ts";
import { namesOf } from "./name.ts";
import { settingsOf } from "./setting.ts";
import { Storage } from "./storage.ts";

/** The longest that Lambda lets a function run, and API Gateway a stream. Seconds. */
export const gatewaySeconds = 900;

export function gatewayFunction(stack: Stack): Function {
  const names = namesOf(stack.stage);
  const { gatewayConcurrency } = settingsOf(stack);
  const { table } = use(Storage);
  const { bus } = use(Events);
  return pipelineFunction(stack, "gateway", {
    description: "The gateway to models",
    timeoutSeconds: gatewaySeconds,
    // It waits for models: a third of a CPU is enough, and waiting is what is paid for.
    memoryMb: 512,
    ...(gatewayConcurrency === undefined ? {} : { reservedConcurrency: gatewayConcurrency }),
    environment: {
      BENCHGEN_TABLE: table.tableName,
      BENCHGEN_BUS: bus.eventBusName,
      BENCHGEN_SECRET_PREFIX: names.secretPrefix,
    },
    grants: [
      {
        ...grant.tableGrant(table, "GetItem", "Query", "PutItem", "UpdateItem"),
        // It is open to everybody: it sees the tokens of runs' programs, their calls, what was told of their progress, and
        // nothing else. What these begin with: packages/core/src/record/key.ts.
        conditions: {
          "ForAllValues:StringLike": { "dynamodb:LeadingKeys": ["GATEWAY#*", "CALLS#*", "PROGRESS#*"] },
        },
      },
      grant.publishGrant(bus.eventBusArn),
      {
        actions: ["secretsmanager:GetSecretValue"],
        resources: [names.modelSecretArns],
        why: "Keys of models are added and removed through the API.",
      },
    ],
  });
}

/**
 * Where programs of jobs reach it. Not behind the HTTP API, which delivers answers whole and within 30 seconds. Anyone
 * may call the URL: the token of a run's program is what opens anything, and the app checks it.
 */
export function openUrl(gateway: Function): string {
  const { url } = gateway.addFunctionUrl({
    authType: FunctionUrlAuthType.NONE,
    invokeMode: InvokeMode.RESPONSE_STREAM,
  });
  return url;
}
