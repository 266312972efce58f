/** Events as EventBridge delivers them, made of what happened to the stand-ins. */
import { randomUUID } from "node:crypto";
import type { Execution, Json } from "@benchgen/core/ports.ts";
import type { Account } from "./call.ts";
import type { RecordedCall } from "./proxy.ts";

/** What the targets of a rule receive. */
export type DeliveredEvent = { readonly [name: string]: Json } & {
  readonly id: string;
  readonly source: string;
  readonly "detail-type": string;
  readonly detail: { readonly [name: string]: Json };
};

function envelope(
  account: Account,
  event: {
    source: string;
    detailType: string;
    time?: Date;
    resources?: string[];
    detail: DeliveredEvent["detail"];
  },
): DeliveredEvent {
  return {
    version: "0",
    id: randomUUID(),
    "detail-type": event.detailType,
    source: event.source,
    account: account.accountId,
    // To the second, as EventBridge keeps it.
    time: (event.time ?? new Date()).toISOString().replace(/\.\d+Z$/, "Z"),
    region: account.region,
    resources: event.resources ?? [],
    detail: event.detail,
  };
}

/** Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html */
export function objectCreated(
  account: Account,
  object: { bucket: string; key: string; size: number; reason: string },
): DeliveredEvent {
  return envelope(account, {
    source: "aws.s3",
    detailType: "Object Created",
    resources: [`arn:aws:s3:::${object.bucket}`],
    detail: {
      version: "0",
      bucket: { name: object.bucket },
      object: {
        key: object.key,
        size: object.size,
        etag: randomUUID().replaceAll("-", ""),
        sequencer: Date.now().toString(16).toUpperCase().padStart(18, "0"),
      },
      "request-id": randomUUID(),
      requester: account.accountId,
      "source-ip-address": "127.0.0.1",
      reason: object.reason,
    },
  });
}

/** Source: https://docs.aws.amazon.com/step-functions/latest/dg/eventbridge-integration.html */
export function executionChanged(account: Account, machineArn: string, execution: Execution): DeliveredEvent {
  const { name, status, input, output, error, cause, startedAt, endedAt } = execution;
  const executionArn = `${machineArn.replace(":stateMachine:", ":execution:")}:${name}`;
  return envelope(account, {
    source: "aws.states",
    detailType: "Step Functions Execution Status Change",
    resources: [executionArn],
    detail: {
      executionArn,
      stateMachineArn: machineArn,
      name,
      status: status.toUpperCase(),
      startDate: Date.parse(startedAt),
      stopDate: endedAt === undefined ? null : Date.parse(endedAt),
      input: JSON.stringify(input),
      inputDetails: { included: true },
      output: output === undefined ? null : JSON.stringify(output),
      outputDetails: output === undefined ? null : { included: true },
      stateMachineVersionArn: null,
      stateMachineAliasArn: null,
      redriveCount: 0,
      error: error ?? null,
      cause: cause ?? null,
    },
  });
}

/** The entries of a PutEvents that EventBridge took, each with the bus it was put on. */
export function putEvents(account: Account, call: RecordedCall): { bus: string; event: DeliveredEvent }[] {
  const entries = call.input["Entries"] as Record<
    "EventBusName" | "Source" | "DetailType" | "Detail",
    string
  >[];
  const results = (call.output["Entries"] ?? []) as { EventId?: string }[];
  return entries.flatMap(({ EventBusName, Source, DetailType, Detail }, position) => {
    if (results[position]?.EventId === undefined) return [];
    const detail = JSON.parse(Detail) as DeliveredEvent["detail"];
    const event = envelope(account, { source: Source, detailType: DetailType, detail });
    return [{ bus: EventBusName, event }];
  });
}
