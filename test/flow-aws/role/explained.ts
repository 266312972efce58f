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
    action: "s3:*Object",
    resource: "*/made/*",
    why: "Only answers of more than 3 MB go there: test/api/answer-limit.test.ts.",
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
    action: "*",
    why: "It ends a run as finish does, and may do the same; here the runs it ends are of one kind.",
  },
  {
    role: "sweep",
    action: "*",
    why: "It does again what finish and validate may have left undone, at whatever point.",
  },
  {
    role: "finish",
    action: "ecs:StopTask",
    why: "Only when a run fails while tasks of it still run: those of a Map that was given up.",
  },
  {
    role: "gateway",
    action: "*",
    why: "It calls models outside; test/api/gateway.test.ts runs it, and the templates' test looks at its grants.",
  },
];
