/** Usage as dollars, and as tables. Pure. */
import type { Resource } from "../../test/support/deployment/intrinsic.ts";
import type { Usage } from "./count.ts";
import { allowance, listed, price } from "./price.ts";

export interface Line {
  readonly what: string;
  readonly count: number;
  /** US dollars. */
  readonly cost: number;
}

/** What one run costs beside its programs' time on Fargate. */
export function overheadLines(usage: Usage): Line[] {
  const line = (what: string, count: number, unit: number): Line => ({ what, count, cost: count * unit });
  return [
    line("state transitions", usage.stateTransitions, price.stateTransition),
    line("Lambda requests", usage.lambdaRequests, price.lambdaRequest),
    line("Lambda GB-seconds (estimated)", usage.lambdaGbSeconds, price.lambdaGbSecond),
    line("DynamoDB read units", usage.tableReadUnits, price.tableReadUnit),
    line("DynamoDB write units", usage.tableWriteUnits, price.tableWriteUnit),
    line("S3 PUT, COPY, POST, LIST", usage.objectWrites, price.objectWrite),
    line("S3 GET, HEAD", usage.objectReads, price.objectRead),
    line("EventBridge events", usage.events, price.event),
    line("HTTP API requests", usage.httpRequests, price.httpRequest),
    line("log bytes", usage.logBytes, price.logGb / 1e9),
  ];
}

/** What was used beyond something else. */
export function beyond(usage: Usage, other: Usage): Usage {
  const names = Object.keys(usage) as (keyof Usage)[];
  return Object.fromEntries(names.map((name) => [name, usage[name] - other[name]])) as unknown as Usage;
}

/** The least that a task of the usual size costs: Fargate charges for a minute. */
export function taskMinuteCost({ vcpu, gb }: { vcpu: number; gb: number }): number {
  return (vcpu * price.fargateVcpuHour + gb * price.fargateGbHour + price.addressHour) / 60;
}

/** What a month costs in which nothing happens, from what the templates have. */
export function idleLines(
  resources: readonly Resource[],
  scheduled: { readonly sweep: Usage; readonly prune: Usage },
): Line[] {
  const count = (type: string) => resources.filter(({ Type }) => Type === type).length;
  const alarms = count("AWS::CloudWatch::Alarm");
  const dashboards = count("AWS::CloudWatch::Dashboard");
  const secrets = count("AWS::SecretsManager::Secret");
  const sweeps = (30 * 24 * 60) / 5;
  const prunes = 30 / 7;
  const runnerImageGb = 0.1;
  return [
    {
      what: "sweeps, one every five minutes",
      count: sweeps,
      cost: sweeps * totalOf(overheadLines(scheduled.sweep)),
    },
    {
      what: "searches for content that nothing names, one a week",
      count: prunes,
      cost: prunes * totalOf(overheadLines(scheduled.prune)),
    },
    {
      what: `alarms (${allowance.alarms} are free in every account)`,
      count: alarms,
      cost: Math.max(0, alarms - allowance.alarms) * price.alarm,
    },
    {
      what: `dashboards (${allowance.dashboards} are free in every account)`,
      count: dashboards,
      cost: Math.max(0, dashboards - allowance.dashboards) * price.dashboard,
    },
    { what: "secrets", count: secrets, cost: secrets * price.secret },
    { what: "GB of the runner image", count: runnerImageGb, cost: runnerImageGb * price.imageGb },
  ];
}

/** What the free alarms and dashboards would cost in an account that has used its allowance for others. */
export function allowanceWorth(resources: readonly Resource[]): number {
  const count = (type: string) => resources.filter(({ Type }) => Type === type).length;
  return (
    Math.min(count("AWS::CloudWatch::Alarm"), allowance.alarms) * price.alarm +
    Math.min(count("AWS::CloudWatch::Dashboard"), allowance.dashboards) * price.dashboard
  );
}

export function totalOf(lines: readonly Line[]): number {
  return lines.reduce((total, { cost }) => total + cost, 0);
}

/** Lines as a table of Markdown; dollars are of `times` as much. */
export function table(lines: readonly Line[], times: number, heading: string): string {
  const rows = lines.map(({ what, count, cost }) => [what, number(count), dollars(cost * times)]);
  const all = [
    ["", "count", heading],
    ...rows,
    ["**together**", "", `**${dollars(totalOf(lines) * times)}**`],
  ];
  const [head, ...body] = all.map((cells) => `| ${cells.join(" | ")} |`);
  return [head, "| --- | ---: | ---: |", ...body].join("\n");
}

/** Every price that is reckoned with, and where it was read. */
export function priceTable(): string {
  const rows = Object.values(listed).map(
    ({ what, usd, per, source }) => `| ${what} | ${usd} | ${per} | ${source} |`,
  );
  return ["| | USD | for | source |", "| --- | ---: | --- | --- |", ...rows].join("\n");
}

export function dollars(amount: number): string {
  return amount.toFixed(4);
}

function number(count: number): string {
  return Number.isInteger(count) ? count.toLocaleString("en-US") : count.toFixed(2);
}
