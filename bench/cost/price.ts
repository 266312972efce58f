/**
 * What AWS charges in us-east-1, US dollars, before free allowances but for the two named below. Taken from the public
 * price pages, https://aws.amazon.com/<service>/pricing/, as of November 2025; look there before you rely on it.
 */
export const pricesAsOf = "2025-11";

export const price = {
  /** A transition of a standard workflow. */
  stateTransition: 0.025 / 1000,
  lambdaRequest: 0.2 / 1e6,
  /** arm64. */
  lambdaGbSecond: 0.0000133334,
  /** On demand. */
  tableReadUnit: 0.125 / 1e6,
  tableWriteUnit: 0.625 / 1e6,
  /** PUT, COPY, POST, LIST. DELETE is free. */
  objectWrite: 0.005 / 1000,
  /** GET, HEAD. */
  objectRead: 0.0004 / 1000,
  /** Our own events, and those of S3. Other events of AWS's are free. */
  event: 1 / 1e6,
  logGb: 0.5,
  httpRequest: 1 / 1e6,
  /** Linux on x86. */
  fargateVcpuHour: 0.04048,
  fargateGbHour: 0.004445,
  /** A public IPv4 address, while a task has one. */
  addressHour: 0.005,
  /** Each a month. */
  alarm: 0.1,
  dashboard: 3,
  secret: 0.4,
  imageGb: 0.1,
} as const;

/** What every account has for nothing, for ever. */
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
