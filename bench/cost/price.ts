/**
 * What AWS charges in us-east-1, US dollars, before free allowances but for the two named below; and where each price
 * was read, in November 2026. AWS's own pages, https://aws.amazon.com/<service>/pricing/, have the last word: most of
 * them fill their tables in by script, so what they say was read from those who quote them.
 */
export const pricesAsOf = "2026-11";

export interface Price {
  readonly what: string;
  readonly usd: number;
  /** How many of `what`, or for how long. */
  readonly per: string;
  /** Page and date. */
  readonly source: string;
}

const month = "GB and month";

const cloudWatchGuide = "FactualMinds, “Amazon CloudWatch Pricing”, June 2026";
const fargateGuide = "Vantage, “AWS Fargate Pricing Explained”; Wring, “AWS Fargate Pricing”, March 2026";
const unquoted = "AWS's page, “Amazon CloudWatch Pricing”, from memory: no page found that quotes it";

/** One for each kind of use. `per` divides `usd` where it is a number of things. */
export const listed = {
  stateTransition: {
    what: "state transition of a standard workflow",
    usd: 0.025,
    per: "1,000",
    source: "AWS, “AWS Step Functions pricing”, table of regions; Wring, March 2026",
  },
  lambdaRequest: {
    what: "request of a function",
    usd: 0.2,
    per: "1,000,000",
    source: "Cloudchipr, “AWS Lambda Pricing Breakdown”, 2024",
  },
  lambdaGbSecond: {
    what: "second of a function on arm64, for each GB",
    usd: 0.0000133334,
    per: "1",
    source: "Cloudchipr, “AWS Lambda Pricing Breakdown”, 2024",
  },
  tableReadUnit: {
    what: "read unit on demand",
    usd: 0.125,
    per: "1,000,000",
    source: "Airbyte, “Amazon DynamoDB Pricing”, July 2025: half of what it was until November 2024",
  },
  tableWriteUnit: {
    what: "write unit on demand",
    usd: 0.625,
    per: "1,000,000",
    source: "Airbyte, “Amazon DynamoDB Pricing”, July 2025: half of what it was until November 2024",
  },
  tableGb: {
    what: "the table",
    usd: 0.25,
    per: month,
    source: "AWS, “Amazon DynamoDB pricing”; the first 25 GB are free",
  },
  tableRecoveryGb: {
    what: "point-in-time recovery of the table",
    usd: 0.2,
    per: month,
    source: "finops.com.py, “DynamoDB backups”",
  },
  objectWrite: {
    what: "PUT, COPY, POST or LIST; DELETE is free",
    usd: 0.005,
    per: "1,000",
    source: "devnotes.tech, “Understanding AWS S3 Pricing”",
  },
  objectRead: {
    what: "GET or HEAD",
    usd: 0.0004,
    per: "1,000",
    source: "devnotes.tech, “Understanding AWS S3 Pricing”",
  },
  objectGb: {
    what: "the bucket, S3 Standard",
    usd: 0.023,
    per: month,
    source: "devnotes.tech, “Understanding AWS S3 Pricing”",
  },
  event: {
    what: "event of ours; those of S3 are counted as well, which some guides call free",
    usd: 1,
    per: "1,000,000",
    source: "CloudBurn, “Amazon EventBridge Pricing”, March 2026",
  },
  logGb: { what: "log taken in", usd: 0.5, per: "GB", source: cloudWatchGuide },
  storedLogGb: { what: "log kept", usd: 0.03, per: month, source: unquoted },
  httpRequest: {
    what: "request of an HTTP API, up to 512 KB",
    usd: 1,
    per: "1,000,000",
    source: "AWS, “Best Practices for Designing Amazon API Gateway Private APIs”, cost optimization",
  },
  fargateVcpuHour: { what: "vCPU of Fargate, Linux on x86", usd: 0.04048, per: "hour", source: fargateGuide },
  fargateGbHour: { what: "GB of Fargate, Linux on x86", usd: 0.004445, per: "hour", source: fargateGuide },
  fargateArmVcpuHour: {
    what: "vCPU of Fargate, Linux on ARM",
    usd: 0.03238,
    per: "hour",
    source: fargateGuide,
  },
  fargateArmGbHour: { what: "GB of Fargate, Linux on ARM", usd: 0.00356, per: "hour", source: fargateGuide },
  addressHour: {
    what: "public IPv4 address, while a task has one",
    usd: 0.005,
    per: "hour",
    source: "AWS re:Post, “charges for ‘Public IPv4 addresses’”: since February 2024",
  },
  endpointHour: {
    what: "interface endpoint, in each zone",
    usd: 0.01,
    per: "hour",
    source: "FactualMinds, “Amazon VPC Pricing”, 2026",
  },
  alarm: { what: "alarm on a metric", usd: 0.1, per: "month", source: unquoted },
  dashboard: { what: "dashboard", usd: 3, per: "month", source: cloudWatchGuide },
  secret: {
    what: "secret",
    usd: 0.4,
    per: "month",
    source: "Hivebook, “AWS Secrets Manager”; its requests, 0.05 for 10,000, are left out",
  },
  imageGb: {
    what: "image in ECR",
    usd: 0.1,
    per: month,
    source: "CloudBurn, “Amazon ECR pricing”, March 2026",
  },
} as const satisfies Record<string, Price>;

/** Of one of each, US dollars. */
export const price = Object.fromEntries(
  Object.entries(listed).map(([name, { usd, per }]) => [name, usd / countOf(per)]),
) as Record<keyof typeof listed, number>;

/** `1,000` is that many; an hour or a month is one. */
function countOf(per: string): number {
  const number = Number(per.replaceAll(",", ""));
  return Number.isNaN(number) ? 1 : number;
}

/** What every account has for nothing, for ever. Source: AWS, “Amazon CloudWatch Pricing”, free tier. */
export const allowance = { alarms: 10, dashboards: 3 } as const;

/** How long a call of each service takes within the region, milliseconds: a round figure, rather too long. */
export const assumedLatencyMs: Readonly<Record<string, number>> = {
  dynamodb: 10,
  s3: 40,
  events: 40,
  states: 50,
  ecs: 80,
  logs: 50,
  secretsmanager: 40,
};
/** What a function takes beside its calls, milliseconds: its own work, and its share of cold starts. */
export const assumedOwnMs = 60;
