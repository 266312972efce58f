/** What the stacks tell the functions, in variables of the environment. Each function is told only what it uses. */
import { type Limits, limitsSchema, modelNetworks } from "@benchgen/core/wire/job.ts";
import * as z from "zod";

const text = z.string().min(1);

/** AWS's services by the names of their endpoints. */
const services = ["dynamodb", "s3", "states", "ecs", "events", "logs", "secretsmanager"] as const;
export type Service = (typeof services)[number];

const variables = {
  /** Set by Lambda. */
  AWS_REGION: text,
  BENCHGEN_TABLE: text,
  BENCHGEN_BUCKET: text,
  BENCHGEN_BUS: text,
  BENCHGEN_STATE_MACHINE_ARN: text,
  /** ARN. */
  BENCHGEN_CLUSTER: text,
  /** Of the jobs, not of the functions. */
  BENCHGEN_LOG_GROUP: text,
  BENCHGEN_API_URL: z.url(),
  /** Where programs of jobs reach the gateway, without its path. */
  BENCHGEN_GATEWAY_URL: z.url(),
  BENCHGEN_RUNNER_IMAGE: text,
  BENCHGEN_DEFAULT_IMAGE: text,
  BENCHGEN_ARCHITECTURE: z.enum(["X86_64", "ARM64"]),
  BENCHGEN_EXECUTION_ROLE_ARN: text,
  BENCHGEN_TASK_PREFIX: text,
  BENCHGEN_SECRET_PREFIX: text,
  BENCHGEN_CEILINGS: jsonOf<Partial<Limits>>(limitsSchema.partial().strict()).default({}),
  BENCHGEN_MODEL_NETWORK: z.enum(modelNetworks),
  BENCHGEN_ALLOW_NETWORK: z.enum(["true", "false"]).transform((word) => word === "true"),
  BENCHGEN_UNUSED_CONTENT_DAYS: z.coerce.number().int().nonnegative(),
  /** Stand-ins for AWS, in tests. */
  BENCHGEN_AWS_ENDPOINTS: jsonOf<Partial<Record<Service, string>>>(
    z.partialRecord(z.enum(services), z.url()),
  ).default({}),
} as const;
type Variables = typeof variables;

/**
 * Reads one variable.
 * @throws Error that names it when it is missing or wrong
 */
export function setting<N extends keyof Variables>(name: N): z.output<Variables[N]> {
  const read = variables[name].safeParse(process.env[name]);
  if (read.success) return read.data as z.output<Variables[N]>;
  const why = read.error.issues.map(({ path, message }) => [...path, message].join(": ")).join("; ");
  throw new Error(`the environment variable ${name} is not as it must be: ${why}`);
}

function jsonOf<T>(schema: z.ZodType<T>) {
  return z
    .string()
    .transform((value, context): unknown => {
      try {
        return JSON.parse(value);
      } catch {
        context.addIssue({ code: "custom", message: "it is no JSON" });
        return z.NEVER;
      }
    })
    .pipe(schema);
}
