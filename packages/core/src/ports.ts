/**
 * Every need of the domain, on one page. The domain knows no AWS, no files, no clock; adapters in
 * `packages/aws` and `packages/local` provide these, and one contract suite per port (test/contract)
 * runs on both.
 */
import type { JobId, RunId } from "./wire/id.ts";
import type { BenchgenEvent } from "./wire/event.ts";
import type { JobDefinition, JobExit } from "./wire/job.ts";
import type { LogLine, LoggedJob } from "./port/log.ts";
import type { PartUploads, SignedUpload } from "./port/part-upload.ts";
import type { UpstreamRequest, UpstreamResponse } from "./port/upstream.ts";

export { ConditionFailed } from "./port/condition-failed.ts";
export type * from "./port/log.ts";
export type { PartUpload, SignedUpload, StoredPart } from "./port/part-upload.ts";
export * from "./port/upstream.ts";

// ── Table ────────────────────────────────────────────────────────────────────────────────────────────

/**
 * A key of the single table. `pk` groups items that are read together; `sk` orders them (bytewise, UTF-8). Neither is
 * empty; at most 2,048 and 1,024 bytes, and so for the keys of an index (DynamoDB's limits). Others throw InvalidInput
 * `key_invalid`.
 */
export interface Key {
  readonly pk: string;
  readonly sk: string;
}

/** JSON scalars, lists and maps. No `undefined` inside, no dates (ISO strings), no NaN or Infinity. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/**
 * One item: at most 400 KB as JSON (DynamoDB's limit; the local adapter enforces it too). DynamoDB itself counts without
 * JSON's punctuation: what an update leaves may have a few bytes more there.
 * An item with `gsi1pk`/`gsi1sk` (both strings) also appears in the index `gsi1`; likewise `gsi2`.
 * `expiresAt` (seconds since the epoch) lets the adapter delete it at some later time, and readers must not
 * rely on that: they compare it themselves.
 */
export type Item = Key & { readonly [attribute: string]: Json };

/** A test on one attribute of the stored item. All conditions of an operation must hold. */
export type Condition =
  | { readonly kind: "exists" }
  | { readonly kind: "absent" }
  | { readonly kind: "equals"; readonly attribute: string; readonly value: string | number | boolean }
  | { readonly kind: "oneOf"; readonly attribute: string; readonly values: readonly (string | number)[] }
  /** The attribute is missing, or a number below `value`. */
  | { readonly kind: "below"; readonly attribute: string; readonly value: number }
  | { readonly kind: "missing"; readonly attribute: string };

export type WriteOperation =
  | { readonly kind: "put"; readonly item: Item; readonly conditions?: readonly Condition[] }
  /**
   * Creates the item when it does not exist (unless a condition forbids it). `add` adds numbers to numeric attributes
   * (missing counts as 0). One attribute may appear in only one of set, add, remove. Keys cannot change.
   */
  | {
      readonly kind: "update";
      readonly key: Key;
      readonly set?: { readonly [attribute: string]: Json };
      readonly add?: { readonly [attribute: string]: number };
      readonly remove?: readonly string[];
      readonly conditions?: readonly Condition[];
    }
  | { readonly kind: "delete"; readonly key: Key; readonly conditions?: readonly Condition[] }
  | { readonly kind: "check"; readonly key: Key; readonly conditions: readonly Condition[] };

export interface Query {
  /** Absent: the table itself, strongly consistent. An index may lag behind by about a second on AWS. */
  readonly index?: "gsi1" | "gsi2";
  readonly pk: string;
  /** Bounds on the sort key. `prefix` excludes the others. `from` is inclusive, `before` exclusive. */
  readonly range?: { readonly prefix: string } | { readonly from?: string; readonly before?: string };
  readonly reverse?: boolean;
  /** Items per page, 1 to 1,000; default 100. A page may be shorter than the limit and still have a cursor. */
  readonly limit?: number;
  /** From an earlier page of the same query. Opaque; an altered or foreign one throws InvalidInput `cursor_invalid`. */
  readonly cursor?: string;
}

/** Items from all over the table, by what their sort keys begin with. */
export interface Scan {
  /** At least one; none is empty. */
  readonly sortKeyPrefixes: readonly string[];
  /** What is wanted of them beside `pk` and `sk`; an item may have none of it. */
  readonly attributes: readonly string[];
  /** From an earlier page of the same scan. */
  readonly cursor?: string;
}

export interface Page<T> {
  readonly items: readonly T[];
  /** Absent on the last page. */
  readonly cursor?: string;
}

/** At most this many operations in one `write` (DynamoDB's limit on a transaction). */
export const maxWriteOperations = 100;

export interface Table {
  /** Strongly consistent. */
  get(key: Key): Promise<Item | undefined>;
  query(query: Query): Promise<Page<Item>>;
  /**
   * In no order, at a cost that grows with the whole table. Every item is on a page that was there when the first page
   * was asked for and stays until the last; one that comes or goes meanwhile may be. A page may be empty and have a cursor.
   */
  scan(scan: Scan): Promise<Page<Item>>;
  /**
   * All or nothing. 1 to 100 operations, no two on the same key, the items they leave at most 4 MB together.
   * @throws ConditionFailed when a condition does not hold
   * @throws InvalidInput `write_invalid`, `item_invalid`, `item_too_large`, `write_too_large`
   * @throws PlatformFault when the store is throttled or contended beyond the adapter's own retries
   */
  write(operations: readonly WriteOperation[]): Promise<void>;
}

// ── Blobs ────────────────────────────────────────────────────────────────────────────────────────────

/** Bytes, or a stream of them. A stream that errors leaves no blob behind. */
export type Bytes = Uint8Array | AsyncIterable<Uint8Array>;

export interface BlobHead {
  readonly key: string;
  /** Bytes. */
  readonly size: number;
  /** Lower-case hex; absent when the store was never told it. */
  readonly sha256?: string;
  readonly contentType?: string;
  readonly modifiedAt: string;
}

/**
 * Keys have 1 to 1,024 bytes: segments between single slashes, none of them `.` or `..`, no backslash, no control
 * character. Every method throws InvalidInput `blob_key_invalid` for another.
 */
export interface Blobs extends PartUploads {
  /**
   * Whole or not at all: readers see the old blob or the new one.
   * With `sha256`, content of another hash is refused (InvalidInput `checksum_mismatch`).
   * With `ifAbsent`, an existing key is kept and `false` is returned; otherwise `true`.
   */
  put(
    key: string,
    content: Bytes,
    options?: { sha256?: string; size?: number; contentType?: string; ifAbsent?: boolean },
  ): Promise<boolean>;
  /** The whole blob in memory; `undefined` when there is none. @throws InvalidInput `blob_too_large` past `maxBytes` */
  get(key: string, options?: { maxBytes?: number }): Promise<Uint8Array | undefined>;
  /** A stream of the bytes [start, end), `end` exclusive, the whole by default. @throws NotFound */
  stream(key: string, range?: { start?: number; end?: number }): Promise<AsyncIterable<Uint8Array>>;
  head(key: string): Promise<BlobHead | undefined>;
  /** @throws NotFound when the source is not there */
  copy(from: string, to: string): Promise<void>;
  /** Deleting what is not there is no error. */
  delete(key: string): Promise<void>;
  /** Keys with that prefix in bytewise order, a page at a time. S3 lists neither `sha256` nor `contentType`: ask for the head. */
  list(prefix: string, options?: { cursor?: string; limit?: number }): Promise<Page<BlobHead>>;
  /** A URL that accepts one method, one key, exactly `size` bytes of that SHA-256, until it expires. */
  signUpload(upload: {
    key: string;
    size: number;
    sha256: string;
    contentType?: string;
    expiresInSeconds: number;
  }): Promise<SignedUpload>;
  /** A URL that reads one key until it expires. `filename` becomes the Content-Disposition. */
  signDownload(key: string, options: { expiresInSeconds: number; filename?: string }): Promise<string>;
}

// ── Workflow ─────────────────────────────────────────────────────────────────────────────────────────

export type ExecutionStatus = "running" | "succeeded" | "failed" | "timed_out" | "aborted";

export interface Execution {
  readonly name: string;
  readonly status: ExecutionStatus;
  readonly input: Json;
  readonly output?: Json;
  readonly error?: string;
  readonly cause?: string;
  readonly startedAt: string;
  readonly endedAt?: string;
}

export interface ExecutionEvent {
  readonly at: string;
  /** `TaskStateEntered`, `TaskStateExited`, `TaskFailed`, … as Step Functions names them. */
  readonly type: string;
  readonly state?: string;
  readonly detail?: Json;
}

export interface Workflow {
  /**
   * Idempotent by name: a second start with that name and input does nothing. Names have 1 to 80 letters, digits, `-`
   * and `_`; the input, as what each step takes and gives, at most 256 KiB (Step Functions' limits).
   * @throws Conflict when the input differs; InvalidInput `execution_invalid`
   */
  start(name: string, input: Json): Promise<void>;
  /** Ends a running execution as `aborted`; its steps are told to stop. No error when it is over or unknown. */
  stop(name: string, reason: string): Promise<void>;
  describe(name: string): Promise<Execution | undefined>;
  history(name: string, options?: { cursor?: string; limit?: number }): Promise<Page<ExecutionEvent>>;
}

// ── Launcher ─────────────────────────────────────────────────────────────────────────────────────────

export interface Launcher {
  /** Makes sure the definition can be launched, and returns its name: the same for equal definitions. */
  register(definition: JobDefinition): Promise<string>;
  /**
   * Runs one job to its end: stage-in, program, stage-out. A program that fails is an outcome, not an error.
   * @throws PlatformFault when no attempt at running the program could be made
   */
  run(
    job: { jobId: JobId; runId: RunId; definition: string; token: string },
    signal: AbortSignal,
  ): Promise<JobExit>;
  /** Ends the job and everything it started. No error when it is over or unknown. */
  stop(jobId: JobId): Promise<void>;
}

// ── The rest ─────────────────────────────────────────────────────────────────────────────────────────

export interface Bus {
  /** @throws PlatformFault when any of them was not accepted; publishing again is safe, consumers are idempotent. */
  publish(events: readonly BenchgenEvent[]): Promise<void>;
}

/**
 * Reading back what the bus published. Not a need of the domain: a server that has one shows it at `GET /events`; on
 * AWS, EventBridge rules take its place.
 */
export interface EventFeed {
  /** Kept events after the one with that id, oldest first; from the oldest kept when `after` is absent or kept no longer. */
  read(options: { after?: string; limit: number }): Promise<readonly BenchgenEvent[]>;
  /** Calls the listener, which must not throw, for each event from now on, until the returned function is called. */
  subscribe(listener: (event: BenchgenEvent) => void): () => void;
}

export interface Logs {
  /**
   * Lines after the cursor, while the job runs and after; fewer than asked for where they are long. The
   * cursor is always there: ask again with it for what comes next.
   */
  read(
    job: LoggedJob,
    options?: { cursor?: string; limit?: number },
  ): Promise<{ lines: readonly LogLine[]; cursor: string }>;
  /**
   * The newest lines by now, oldest first, at a cost that does not grow with the log; fewer where lines are very long.
   * `limit` from 1 to 1,000. Only while the job runs: later there may be none.
   */
  tail(job: LoggedJob, options: { limit: number }): Promise<readonly LogLine[]>;
}

export interface Secrets {
  put(name: string, value: string): Promise<void>;
  get(name: string): Promise<string | undefined>;
  delete(name: string): Promise<void>;
}

/**
 * Requests to model endpoints, whose URLs strangers may choose: https to public addresses, judged when the connection
 * is made, so that no name can change its mind in between; on one machine also this machine's loopback, by http too.
 * Redirects are not followed: the answer is the redirect.
 */
export interface Upstream {
  /** Judges a base URL before it is stored. @throws InvalidInput `upstream_url_refused` */
  assertUrl(url: string): void;
  /** @throws UpstreamFailed; the signal's reason when it was aborted */
  send(request: UpstreamRequest): Promise<UpstreamResponse>;
}

export interface Clock {
  now(): Date;
}

export interface Ids {
  /** A new prefixed, time-sortable id: `run_01JD…`. */
  next<P extends string>(prefix: P): `${P}_${string}`;
  /** An unguessable token of at least 128 bits, URL-safe. */
  token(): string;
}

/** What a use case may be given. Each takes only those it needs: `Pick<Ports, "table" | "clock">`. */
export interface Ports {
  readonly table: Table;
  readonly blobs: Blobs;
  readonly workflow: Workflow;
  readonly launcher: Launcher;
  readonly bus: Bus;
  readonly logs: Logs;
  readonly secrets: Secrets;
  readonly upstream: Upstream;
  readonly clock: Clock;
  readonly ids: Ids;
}
