/**
 * What an operator may decide about a deployment: `stages/<stage>.json`, every field optional. Nothing in it is secret:
 * secrets are named, and stay in Secrets Manager.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { limitsSchema, modelNetworks } from "@benchgen/core/wire/job.ts";
import type { App, Stack } from "sst/constructs";
import * as z from "zod";

/** CloudWatch keeps logs for these numbers of days and no others. */
const retentionDays = [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 3653];

/** What SST and the names made of a stage allow: state machines have 80 characters, log groups no dots. */
const stagePattern = /^[a-z][a-z0-9-]{0,31}$/;

/** Amazon's mirror of Docker Hub's own images: without Docker Hub's limit on pulls. */
const publicImage = "public.ecr.aws/docker/library/python:3.13-slim";
const ecrImage = /^\d{12}\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com(\.cn)?\//;

const origin = z.url().refine((url) => url === new URL(url).origin, {
  error: "an origin has no path: https://hub.example.org",
});
const httpsUrl = z.url({ protocol: /^https$/, error: "must be an https:// URL" });

const settingsSchema = z
  .strictObject({
    /** Default: the one of your AWS profile, or what `--region` says. */
    region: z
      .string()
      .regex(/^[a-z]{2}(-[a-z]+)+-\d$/, "is no region: eu-central-1")
      .optional(),
    /** `isolated`: jobs reach our API and our bucket by endpoints of the VPC, and nothing else at all. */
    network: z.enum(["public", "isolated"]).default("public"),
    /** Of jobs. Most public competition images exist for x86 only. */
    architecture: z.enum(["X86_64", "ARM64"]).default("X86_64"),
    /** Ingestion jobs run on spare capacity at a discount, and are begun again when AWS takes it back. */
    ingestionSpot: z.boolean().default(false),
    /** For environments that name no image. */
    defaultImage: z.string().min(1).default(publicImage),
    /** Default: built from packages/runner/Dockerfile by `sst deploy`, which needs Docker. */
    runnerImage: z.string().min(1).optional(),
    /** Private ECR repositories of this account and region that environments may name images of. */
    imageRepositories: z
      .array(z.string().regex(/^[a-z0-9][a-z0-9._/-]*$/, "is no ECR repository's name"))
      .default([]),
    /** The most any environment gets, whatever it asks for. */
    ceilings: limitsSchema.partial().strict().default({}),
    /** Whether a program gets a network that asks for one. */
    allowNetwork: z.boolean().default(false),
    /** `https`: programs with a model reach any address by HTTPS, and run no submission. */
    modelNetwork: z.enum(modelNetworks).default("gateway"),
    alarmEmail: z.email().optional(),
    /** US dollars a month, of the whole account: a mail at 80 %, and when they are forecast. */
    budgetUsd: z.number().positive().optional(),
    /** Web pages that may call the API, and send and fetch files, from a browser. */
    corsOrigins: z.array(origin).default([]),
    logRetentionDays: z
      .number()
      .refine((days) => retentionDays.includes(days), { error: `must be one of ${retentionDays.join(", ")}` })
      .default(30),
    /** Whether data outlives `sst remove`. Default: for the stage `production`. */
    retain: z.boolean().optional(),
    /** Days after which outputs, logs and cases of runs are deleted; scores stay. Default: never. */
    runFileDays: z.int().positive().optional(),
    /**
     * Days after which content is deleted that nothing names: of submissions that were sent and never run, of crashes.
     * `null`: never.
     */
    unusedContentDays: z.int().nonnegative().nullable().default(30),
    /** Requests a second, of all clients together. */
    apiRateLimit: z.number().positive().default(50),
    apiBurstLimit: z.int().positive().default(100),
    /**
     * Calls of models at one time, of all runs together; what is more is told to try again. Kept from other functions.
     * Default: no limit but the account's, of which a new account may reserve nothing.
     */
    gatewayConcurrency: z.int().positive().optional(),
    /** Where finished runs are told. The secret is one of Secrets Manager: what is sent as `Authorization: Bearer`. */
    notify: z
      .discriminatedUnion("kind", [
        z.strictObject({ kind: z.literal("webhook"), url: httpsUrl, secretName: z.string().min(1) }),
        z.strictObject({
          kind: z.literal("slack"),
          channel: z.string().min(1),
          secretName: z.string().min(1),
        }),
      ])
      .optional(),
  })
  .superRefine((settings, context) => {
    const refuse = (path: string, message: string) =>
      context.addIssue({ code: "custom", path: [path], message });
    if (settings.network === "isolated") {
      if (settings.allowNetwork)
        refuse("allowNetwork", "there is no network to allow when network is isolated");
      if (!ecrImage.test(settings.defaultImage)) {
        refuse(
          "defaultImage",
          "must be in ECR when network is isolated: a job cannot reach public registries",
        );
      }
    }
    if (settings.budgetUsd !== undefined && settings.alarmEmail === undefined) {
      refuse("budgetUsd", "needs alarmEmail: somebody must be told");
    }
  });

export type Settings = Omit<z.output<typeof settingsSchema>, "retain"> & { readonly retain: boolean };

/**
 * Reads what an operator wrote for a stage; the defaults where there is no file.
 * @param directory that of the stages
 * @throws Error that names the file and every field that is wrong
 */
export function readSettings(directory: string, stage: string): Settings {
  if (!stagePattern.test(stage)) {
    throw new Error(
      `"${stage}" cannot be the name of a stage: at most 32 lower-case letters, digits and hyphens, a letter first.`,
    );
  }
  const file = join(directory, `${stage}.json`);
  return parseSettings(existsSync(file) ? readFileSync(file, "utf8") : "{}", stage, `stages/${stage}.json`);
}

/** @throws Error that names the file and every field that is wrong */
export function parseSettings(text: string, stage: string, file: string): Settings {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new Error(`${file} is no JSON: ${(error as Error).message}`, { cause: error });
  }
  const read = settingsSchema.safeParse(json);
  if (!read.success) {
    const lines = read.error.issues.map(({ path, message }) => `  ${path.join(".") || "(all)"}: ${message}`);
    throw new Error(`${file} is not as it must be:\n${lines.join("\n")}`);
  }
  return { ...read.data, retain: read.data.retain ?? stage === "production" };
}

const contextKey = "benchgen:settings";

/** Before the first stack. */
export function provideSettings(app: App, settings: Settings): void {
  app.node.setContext(contextKey, settings);
}

export function settingsOf(stack: Stack): Settings {
  return stack.node.getContext(contextKey) as Settings;
}
