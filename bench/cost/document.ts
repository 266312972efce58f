/** The cost sheet as a page. Pure. */
import { announceMs } from "@benchgen/core/run/announcement.ts";
import type { Resource } from "../../test/support/deployment/intrinsic.ts";
import type { Usage } from "./count.ts";
import { assumedOwnMs, price, pricesAsOf } from "./price.ts";
import {
  allowanceWorth,
  beyond,
  dollars,
  idleLines,
  overheadLines,
  priceTable,
  table,
  taskMinuteCost,
  totalOf,
} from "./sheet.ts";

export interface Measured {
  readonly single: Usage;
  readonly many: Usage;
  /** The first, and one event of how far it is. */
  readonly telling: Usage;
  /** Of one request for a run's status. */
  readonly asked: Usage;
  readonly sweep: Usage;
  /** With the few environments and submissions of the runs above. */
  readonly prune: Usage;
  readonly taskCount: number;
  readonly resources: readonly Resource[];
  /** Of a task of the usual size. */
  readonly size: { readonly vcpu: number; readonly gb: number };
  /** The day, `YYYY-MM-DD`. */
  readonly on: string;
}

/** What is aimed at, US dollars. */
const aim = { thousandRuns: 1, idleMonth: 1 };

export function costDocument(measured: Measured): string {
  const single = overheadLines(measured.single);
  const many = overheadLines(measured.many);
  const told = overheadLines(beyond(measured.telling, measured.single)).filter(({ count }) => count > 0);
  const hour = (totalOf(told) * 3_600_000) / announceMs;
  const idle = idleLines(measured.resources, measured);
  const asked = totalOf(overheadLines(measured.asked)) * 1e6;
  const minute = taskMinuteCost(measured.size) * 1000;
  const verdict = (cost: number, most: number) =>
    cost < most ? `**below** the aim of ${most} USD` : `**above** the aim of ${most} USD`;
  return `# What it costs

Made by \`npm run cost -- --write\` on ${measured.on}: the runs below were really made, by the deployment's functions and
workflow on stand-ins for AWS, and everything they did was counted. Prices are those of us-east-1 as of ${pricesAsOf},
[each with its source](#prices); free allowances are left out, but for the alarms and dashboards named. Check them before
you rely on the figures.

- 1,000 runs of one task cost **${dollars(totalOf(single) * 1000)} USD** beside their time on Fargate: ${verdict(totalOf(single) * 1000, aim.thousandRuns)}.
- A month without a run costs **${dollars(totalOf(idle))} USD**, storage apart: ${verdict(totalOf(idle), aim.idleMonth)}.
- A run that says for an hour how far it is costs at most **${dollars(hour)} USD** more, for ${3_600_000 / announceMs} events.
- A million requests for a run's status cost ${dollars(asked)} USD: whoever follows a run asks about once a second.

## 1,000 runs of one task

From the upload of the submission to its row on the leaderboard.

${table(single, 1000, "USD per 1,000 runs")}

## 1,000 runs of ${measured.taskCount} tasks

${table(many, 1000, "USD per 1,000 runs")}

## 1,000 events of how far a run is

At most one in ten seconds of a run whose programs print it, or whose calls to a model are counted. Lines come every few seconds:
for each event one delivery of lines that come too early is counted as well.

${table(told, 1000, "USD per 1,000 events")}

## Fargate

Comes on top, and is charged by the second, a minute at least: a thousand jobs of a minute with ${measured.size.vcpu} vCPU and
${measured.size.gb} GB cost ${dollars(minute)} USD, their public addresses included. A task with an ingestion program is two jobs.

## A month in which nothing happens

${table(idle, 1, "USD per month")}

In an account whose free alarms and dashboards are used by something else, these cost
${dollars(allowanceWorth(measured.resources))} USD more.

What is stored comes on top: ${price.tableGb} USD per GB and month in the table and ${price.tableRecoveryGb.toFixed(2)} for its point-in-time recovery, ${price.objectGb} in the
bucket, ${price.storedLogGb} of logs, and ${price.secret.toFixed(2)} for the key of each model. The network \`isolated\` has interface endpoints, which cost
${(price.endpointHour * 730).toFixed(2)} USD each and month in every availability zone. Nothing uses a key of KMS that is paid for: table and bucket
are encrypted with keys of AWS's own.

## How it is counted

- State transitions: every state entered, every retry, and the start of the execution.
- Lambda: the memory in the templates times a duration that is estimated: ${assumedOwnMs} ms for the function's own work and its
  share of cold starts, and a round figure for each call it made, one after the other. What stand-ins on one machine take
  says nothing about AWS.
- DynamoDB: the units that DynamoDB says each call consumed, of transactions and indexes too.
- Logs: what containers printed, 700 bytes for each invocation of a function, 350 for each request.

## Prices

In us-east-1, read in November 2026 from the pages named, and compared with what the figures above reckon with. Jobs on ARM and
on spare capacity cost less: the sheet reckons with x86 on demand.

${priceTable()}
`;
}
