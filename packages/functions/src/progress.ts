/** Programs of jobs have printed how far they are: CloudWatch Logs passes on such lines of one container. */
import { gunzipSync } from "node:zlib";
import { ecsClient } from "@benchgen/aws/client.ts";
import { type TaskJob, taskJobs } from "@benchgen/aws/launcher/task-job.ts";
import { parseStreamName } from "@benchgen/aws/log/source.ts";
import { Announcer } from "@benchgen/core/run/announcer.ts";
import { newestProgress } from "@benchgen/core/run/progress.ts";
import { programNames } from "@benchgen/core/wire/job.ts";
import * as z from "zod";
import { setting } from "./environment.ts";
import { consumer } from "./handler.ts";
import { errorFields, writeLog } from "./log.ts";
import { once } from "./once.ts";
import { bus, clientSettings, clock, table } from "./port.ts";

/** The most that lines of one delivery have, bytes: CloudWatch sends a small part of it. */
const maxBytes = 32 * 1024 * 1024;
/** Tasks whose job is remembered: asking ECS takes longer than all the rest. */
const maxTasks = 1000;

/** Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html */
const linesSchema = z.object({
  /** `CONTROL_MESSAGE` only asks whether the function is there. */
  messageType: z.string(),
  logGroup: z.string(),
  logStream: z.string(),
  logEvents: z.array(z.object({ timestamp: z.number(), message: z.string() })),
});

const eventSchema = z
  .object({ awslogs: z.object({ data: z.base64() }) })
  .transform(({ awslogs }) => linesSchema.parse(JSON.parse(unzipped(awslogs.data))));

function unzipped(data: string): string {
  return gunzipSync(Buffer.from(data, "base64"), { maxOutputLength: maxBytes }).toString();
}

const announcer = once(
  () =>
    new Announcer({ table: table(), bus: bus(), clock }, (error) =>
      writeLog("error", "progress", errorFields(error)),
    ),
);

const findJob = once(() =>
  taskJobs({ client: ecsClient(clientSettings("ecs")), cluster: setting("BENCHGEN_CLUSTER") }),
);
const jobs = new Map<string, TaskJob>();

async function jobOf(task: string): Promise<TaskJob | undefined> {
  const known = jobs.get(task) ?? (await findJob()(task));
  if (known === undefined) return undefined;
  if (jobs.size >= maxTasks) jobs.clear();
  jobs.set(task, known);
  return known;
}

export const handler = consumer(
  "progress",
  eventSchema,
  ({ messageType, logGroup, logStream }) => {
    if (messageType !== "DATA_MESSAGE" || logGroup !== setting("BENCHGEN_LOG_GROUP")) return undefined;
    const stream = parseStreamName(logStream);
    return programNames.some((name) => name === stream?.container) ? stream?.task : undefined;
  },
  async (task, { logEvents }) => {
    const lines = logEvents.map(({ timestamp, message }) => ({
      at: timestamp,
      stream: "stdout" as const,
      text: message,
    }));
    const progress = newestProgress(lines);
    if (progress === undefined) return { result: "none" };
    const job = await jobOf(task);
    if (job === undefined) return { result: "unknown" };
    const { runId, taskIndex, kind } = job;
    const dueAt = await announcer().say({ kind: "printed", runId, taskIndex, job: kind, progress });
    return { run: runId, task: taskIndex, result: dueAt === undefined ? "said" : "early" };
  },
);
