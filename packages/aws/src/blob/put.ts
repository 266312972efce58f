import { PutObjectCommand } from "@aws-sdk/client-s3";
import type { PutObjectCommandInput, S3Client } from "@aws-sdk/client-s3";
import { ContentCheck } from "@benchgen/core/port/content.ts";
import type { ExpectedContent } from "@benchgen/core/port/content.ts";
import type { Bytes } from "@benchgen/core/ports.ts";
import { backoff } from "../backoff.ts";
import { faultOf, isError } from "../fault.ts";
import { base64Of } from "./checksum.ts";
import { uploadParts } from "./multipart.ts";
import type { ObjectHead } from "./multipart.ts";
import { inParts, partBytes } from "./part.ts";

/** The stream itself failed, not S3. Never seen outside. */
class BrokenContent extends Error {}

/** Two writers that create one object at the same time are told to try again. */
const conflictAttempts = 8;

/**
 * Stores content of which at most a part or two is in memory: what fits one part in one request, checked before it is
 * sent; what is larger in parts, checked before they are put together.
 * @returns false when `ifAbsent` and there was such an object
 * @throws InvalidInput `size_mismatch`, `checksum_mismatch`; PlatformFault; whatever a stream throws
 */
export async function putObject(
  client: S3Client,
  head: ObjectHead,
  content: Bytes,
  { ifAbsent, ...expected }: ExpectedContent & { readonly ifAbsent: boolean },
): Promise<boolean> {
  const ifNoneMatch = ifAbsent ? "*" : undefined;
  const check = new ContentCheck(expected);
  const parts = inParts(checked(content, check), partBytes(expected.size));
  try {
    const first = await parts.next();
    const second = await parts.next();
    if (second.done === true) {
      await putWhole(client, {
        ...head,
        Body: first.value as Uint8Array,
        IfNoneMatch: ifNoneMatch,
        // S3 checks it too, against what may have changed on the way.
        ChecksumSHA256: expected.sha256 === undefined ? undefined : base64Of(expected.sha256),
      });
    } else {
      const all = chained([first.value as Uint8Array, second.value], parts);
      await uploadParts(client, head, all, ifNoneMatch);
    }
    return true;
  } catch (error) {
    if (isError(error, "PreconditionFailed")) return false;
    throw error instanceof BrokenContent ? error.cause : faultOf("S3", error);
  }
}

async function putWhole(client: S3Client, input: PutObjectCommandInput): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await client.send(new PutObjectCommand(input));
      return;
    } catch (error) {
      if (!isError(error, "ConditionalRequestConflict") || attempt === conflictAttempts) throw error;
      await backoff(attempt);
    }
  }
}

/** The content as it passes; an error in place of its end when it is not what it was said to be. */
async function* checked(content: Bytes, check: ContentCheck): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of content instanceof Uint8Array ? [content] : content) {
      check.take(chunk);
      yield chunk;
    }
  } catch (error) {
    throw new BrokenContent("", { cause: error });
  }
  check.finish();
}

async function* chained(
  first: readonly Uint8Array[],
  rest: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  yield* first;
  yield* rest;
}
