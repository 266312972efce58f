/**
 * Keys of the single table, only ever made here (a leaderboard's are in `leaderboard/key.ts`: they depend on its order).
 * `#` separates parts; no part may hold one.
 */
import type { Key } from "../ports.ts";
import type { CallId, EnvironmentId, RunId, SubmissionId, UploadId } from "../wire/id.ts";
import type { JobKind } from "../wire/job.ts";

const digits = (value: number, width: number) => String(value).padStart(width, "0");

export const tableKey = {
  environment: (id: EnvironmentId): Key => ({ pk: `ENV#${id}`, sk: "ENV" }),
  /** One item per taken name, so that two environments cannot share one. */
  environmentName: (workspace: string, name: string): Key => ({
    pk: `NAME#${workspace}/${name}`,
    sk: "NAME",
  }),
  version: (id: EnvironmentId, number: number): Key => ({
    pk: `ENV#${id}`,
    sk: `VERSION#${digits(number, 8)}`,
  }),
  /** One item per distinct content of an environment, so that equal content makes no second version. */
  content: (id: EnvironmentId, contentHash: string): Key => ({
    pk: `ENV#${id}`,
    sk: `CONTENT#${contentHash}`,
  }),
  upload: (id: UploadId): Key => ({ pk: `UPLOAD#${id}`, sk: "UPLOAD" }),
  /** Someone's latest upload in parts of that content, for that use: where to go on after an interruption. */
  partUpload: (workspace: string, name: string, use: string, sha256: string): Key => ({
    pk: `PARTS#${workspace}/${name}`,
    sk: `${use}#${sha256}`,
  }),
  submission: (id: SubmissionId): Key => ({ pk: `SUB#${id}`, sk: "SUB" }),
  /** When somebody last relied on content, or who deletes it: `content/use.ts`. */
  contentUse: (sha256: string): Key => ({ pk: `USED#${sha256}`, sk: "USED" }),
  /** How far the deletion of unused content has come. */
  contentPruning: (): Key => ({ pk: "PRUNING#CONTENT", sk: "PRUNING" }),
  run: (id: RunId): Key => ({ pk: `RUN#${id}`, sk: "RUN" }),
  task: (id: RunId, index: number): Key => ({ pk: `RUN#${id}`, sk: `TASK#${digits(index, 6)}` }),
  job: (id: RunId, taskIndex: number, kind: JobKind): Key => ({
    pk: `RUN#${id}`,
    sk: `JOB#${digits(taskIndex, 6)}#${kind}`,
  }),
  /** `hash` is the token's SHA-256: the token itself is stored nowhere. */
  jobToken: (hash: string): Key => ({ pk: `JOBTOKEN#${hash}`, sk: "JOBTOKEN" }),
  /** Named within its workspace. */
  model: (workspace: string, name: string): Key => ({ pk: `MODELS#${workspace}`, sk: `MODEL#${name}` }),
  /** What the token of a run's program opens: a model. */
  gatewayToken: (hash: string): Key => ({ pk: `GATEWAY#${hash}`, sk: "GATEWAY" }),
  /** What a run's calls to models took, added up. Apart from the run: it is written with every call. */
  callTotals: (id: RunId): Key => ({ pk: `CALLS#${id}`, sk: "TOTALS" }),
  /** Equal requests of a task lie together, by `fingerprint`: where a client's second try looks for its first. */
  call: (id: RunId, taskIndex: number, fingerprint: string, callId: CallId): Key => ({
    pk: `CALLS#${id}`,
    sk: `CALL#${digits(taskIndex, 6)}#${fingerprint}#${callId}`,
  }),
  /** What was last told of a run's progress, and what is told with it. Apart from the run, and gone when that is over. */
  progress: (id: RunId): Key => ({ pk: `PROGRESS#${id}`, sk: "PROGRESS" }),
  /** What a judge said of a failed case. */
  verdict: (id: RunId, hash: string): Key => ({ pk: `JUDGE#${id}`, sk: `VERDICT#${hash}` }),
  token: (hash: string): Key => ({ pk: `TOKEN#${hash}`, sk: "TOKEN" }),
  /** One that the deployment made for itself. */
  secret: (name: string): Key => ({ pk: `SECRET#${name}`, sk: "SECRET" }),
  quotaTotal: (id: EnvironmentId, phase: number, participant: string): Key => ({
    pk: `QUOTA#${id}#${phase}#${participant}`,
    sk: "TOTAL",
  }),
  /** `day` is `YYYY-MM-DD`, UTC. */
  quotaDay: (id: EnvironmentId, phase: number, participant: string, day: string): Key => ({
    pk: `QUOTA#${id}#${phase}#${participant}`,
    sk: `DAY#${day}`,
  }),
  /** Work that must not be forgotten: what the sweep looks at. Deleted in the write that ends the work. */
  open: (noun: "RUN" | "UPLOAD", id: RunId | UploadId): Key => ({ pk: `OPEN#${noun}`, sk: id }),
};

export const partition = {
  versions: (id: EnvironmentId) => ({ pk: `ENV#${id}`, range: { prefix: "VERSION#" } }),
  tasks: (id: RunId) => ({ pk: `RUN#${id}`, range: { prefix: "TASK#" } }),
  jobs: (id: RunId) => ({ pk: `RUN#${id}`, range: { prefix: "JOB#" } }),
  models: (workspace: string) => ({ pk: `MODELS#${workspace}`, range: { prefix: "MODEL#" } }),
  /** The calls of a task, or those among them with that fingerprint. */
  calls: (id: RunId, taskIndex: number, fingerprint?: string) => ({
    pk: `CALLS#${id}`,
    range: {
      prefix: `CALL#${digits(taskIndex, 6)}#${fingerprint === undefined ? "" : `${fingerprint}#`}`,
    },
  }),
  verdicts: (id: RunId) => ({ pk: `JUDGE#${id}` }),
  open: (noun: "RUN" | "UPLOAD") => ({ pk: `OPEN#${noun}` }),
};

/** Index entries: `gsi1` lists what a workspace has, `gsi2` what is public or what belongs to an environment. */
export const indexKey = {
  workspaceEnvironments: (workspace: string) => `WS#${workspace}#ENV`,
  publicEnvironments: () => "PUBLIC#ENV",
  workspaceRuns: (workspace: string) => `WS#${workspace}#RUN`,
  environmentRuns: (id: EnvironmentId) => `ENV#${id}#RUN`,
  workspaceTokens: (workspace: string) => `WS#${workspace}#TOKEN`,
};
