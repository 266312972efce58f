import type { ByteSource } from "@benchgen/core/bundle/byte-source.ts";
import type { JobFile, JobInput, JobOutcome, JobSpec } from "@benchgen/core/wire/job.ts";

/** A file to upload: where it lies, and what was measured of it. */
export interface FileContent {
  /** On this machine. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** Lower-case hex. */
  readonly sha256: string;
}

/**
 * How stage-in and stage-out speak to the platform about one job: over HTTP from a container, directly from the same
 * process. Every method throws PlatformFault when the platform cannot be reached or fails, after its own retries.
 */
export interface JobChannel {
  /** @throws Unauthenticated when the job's token is unknown or has expired */
  spec(): Promise<JobSpec>;
  /** @throws InvalidInput, NotFound when the input is not what the spec says */
  open(input: JobInput): Promise<ByteSource>;
  /** Whole or not at all. */
  upload(file: JobFile, content: FileContent): Promise<void>;
  /** Says how the job ended. Last: the platform takes the job to be over. */
  report(outcome: JobOutcome): Promise<void>;
}
