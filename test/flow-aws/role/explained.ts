/** Permissions that no test uses, or that look too wide, each with the reason it is there. */
export interface Explained {
  readonly role: string;
  /** With `*` for any text. */
  readonly action: string;
  /** With `*` for any text; every resource where absent. */
  readonly resource?: string;
  readonly why: string;
}

export const explained: readonly Explained[] = [
  {
    role: "*",
    action: "logs:CreateLogStream",
    why: "Lambda itself writes a function's log, in the function's name.",
  },
  { role: "*", action: "logs:PutLogEvents", why: "As above." },
  {
    role: "*",
    action: "sqs:SendMessage",
    why: "Lambda itself sends an event that was refused to the last to the queue, in the function's name.",
  },
  {
    role: "workflow",
    action: "logs:*",
    resource: "*",
    why: "Step Functions itself delivers the log of failed executions, in the machine's name.",
  },
  {
    role: "*",
    action: "s3:AbortMultipartUpload",
    why: "What does not fit one request is sent in parts, and taken back when that fails: test/contract shows both.",
  },
  {
    role: "api",
    action: "s3:ListMultipartUploadParts",
    why: "Bundles above 256 MiB come in parts: test/contract/part.contract.ts.",
  },
  {
    role: "api",
    action: "s3:GetObject",
    resource: "*/uploads/*",
    why: "Whether all parts of a large bundle are there; and the author of a rejected bundle may fetch it.",
  },
  {
    role: "api",
    action: "secretsmanager:PutSecretValue",
    why: "Only where a crash left the key of a model that was never written: test/contract/secrets.contract.ts.",
  },
  {
    role: "*",
    action: "states:DescribeExecution",
    why: "Only when an execution of that name is over already: test/contract/workflow.contract.ts.",
  },
  {
    role: "failed-execution",
    action: "s3:GetObject",
    resource: "*/blobs/*",
    why: "Only when a workflow broke off between a verification's success and the version it publishes.",
  },
  {
    role: "failed-execution",
    action: "ecs:StopTask",
    why: "Only for a task that outlives its execution until the event of its end is there: by chance here.",
  },
  {
    role: "sweep",
    action: "ecs:StopTask",
    why: "Only for a task that outlived its execution: ECS may take minutes to stop one, the harness takes none.",
  },
  {
    role: "finish",
    action: "ecs:StopTask",
    why: "Only when a run fails while tasks of it still run: those of a Map that was given up.",
  },
  {
    role: "gateway",
    action: "dynamodb:Query",
    why: "Only when a program makes a call again whose answer it did not get: test/function/gateway.test.ts.",
  },
];
