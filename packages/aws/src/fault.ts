import { BenchgenError, messageOf, PlatformFault } from "@benchgen/core/error.ts";
import { ConditionFailed } from "@benchgen/core/ports.ts";

/** Whether AWS answered with that error: `ResourceNotFoundException`. */
export function isError(error: unknown, ...names: readonly string[]): boolean {
  return error instanceof Error && names.includes(error.name);
}

/** What AWS answers; undefined when it is one of those errors. */
export async function unless<T>(names: readonly string[], call: () => Promise<T>): Promise<T | undefined> {
  try {
    return await call();
  } catch (error) {
    if (isError(error, ...names)) return undefined;
    throw error;
  }
}

/**
 * Runs one call of AWS. What the adapter has no meaning for is the platform's fault: throttling, an outage, a missing
 * permission.
 * @param service as in "DynamoDB did not …"
 * @throws PlatformFault `aws_failed`; the domain's own errors as they are
 */
export async function calling<T>(service: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw faultOf(service, error);
  }
}

/** @returns the domain's own errors as they are, everything else as PlatformFault `aws_failed` */
export function faultOf(service: string, error: unknown): unknown {
  if (error instanceof BenchgenError || error instanceof ConditionFailed) return error;
  const name = error instanceof Error ? error.name : "Error";
  return new PlatformFault("aws_failed", `${service} did not do its work: ${name}: ${messageOf(error)}`, {
    cause: error,
  });
}
