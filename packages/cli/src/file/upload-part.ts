/** Sends an upload in parts: several at a time, each again when it fails, and none that is there already. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { forEachLimited } from "@benchgen/core/concurrency.ts";
import { type PartPlan, partRange } from "@benchgen/core/upload/part-plan.ts";
import type * as api from "@benchgen/core/wire/api.ts";
import type { Client } from "../client/client.ts";
import type { Context } from "../context.ts";
import { CliError, Interrupted, exitCode, toCliError } from "../error.ts";
import { type Progress, uploadProgress } from "../output/progress.ts";
import { text } from "../output/text.ts";
import type { Package } from "./package.ts";

/** More would share the same line, or a disk. */
const atOnce = 4;
/** Before each further attempt, milliseconds: a server that is restarted is waited for. */
const retryAfterMs = [500, 1000, 2000, 4000, 8000];

type ArrivedPart = api.ArrivedParts["items"][number];

/**
 * Sends what is not there yet, and completes the upload. What was sent when it breaks off stays: the same command goes
 * on from there.
 * @throws Interrupted; CliError when a part could not be sent at any attempt, or the server refuses it
 */
export async function sendParts(context: Context, file: Package, upload: api.Upload): Promise<void> {
  const { id, parts: plan } = upload;
  if (plan === undefined) throw new Error("an upload without a URL has no parts");
  const { client } = await context.connect();
  const arrived = new Map((await client.listUploadParts(id)).items.map((part) => [part.number, part]));
  if (arrived.size > 0) {
    context.out.note(text`Continuing: ${arrived.size} of ${plan.count} parts are there`);
  }
  const progress = uploadProgress(context.out, file);
  const sending = { context, client, file, id, plan, progress };
  const done = new Set<number>();
  try {
    await forEachLimited(numbersTo(plan.count), atOnce, async (number) => {
      context.checkInterrupted();
      await ensurePart(sending, number, arrived.get(number));
      done.add(number);
    });
    // Parts of many gigabytes may take longer to put together than an answer may: asking again is safe.
    await persistently(context, () => client.completeUpload(id));
    progress.stop();
  } catch (error) {
    progress.stop();
    const sent = new Set([...arrived.keys(), ...done]).size;
    throw resumable(context, error, `${sent} of ${plan.count} parts are there`);
  }
}

interface Sending {
  readonly context: Context;
  readonly client: Client;
  readonly file: Package;
  readonly id: api.Upload["id"];
  readonly plan: PartPlan;
  readonly progress: Progress;
}

/** Sends a part unless the same bytes are there. A store that tells no hash is believed: the whole is checked too. */
async function ensurePart(sending: Sending, number: number, arrived: ArrivedPart | undefined): Promise<void> {
  const { file, plan, progress } = sending;
  const range = partRange(file.size, plan, number);
  const size = range.end - range.start;
  if (arrived?.size === size && arrived.sha256 === undefined) return progress.add(size);
  const sha256 = await hashOf(file, range);
  if (arrived?.size === size && arrived.sha256 === sha256) return progress.add(size);
  return sendPart(sending, { number, size, sha256 }, range);
}

async function sendPart(sending: Sending, part: Required<ArrivedPart>, range: Range): Promise<void> {
  const { context, client, file, id, progress } = sending;
  await persistently(context, async () => {
    // Signed anew for each attempt: the last URL may have expired, or its signer's session ended.
    const { items } = await client.signUploadParts(id, { parts: [part] });
    const [signed] = items;
    if (signed === undefined) throw new CliError("not_benchgen", "The server signed no part.");
    let sent = 0;
    const content = readRange(file, range, (bytes) => {
      sent += bytes;
      progress.add(bytes);
    });
    try {
      await client.putUpload(signed.put, ReadableStream.from(content), part.size);
    } catch (error) {
      progress.add(-sent);
      throw retryable(error);
    }
  });
}

/** Tries again, after a while, what failed through no fault of the command or its use. */
async function persistently(context: Context, attempt: () => Promise<unknown>): Promise<void> {
  for (let failures = 0; ; failures++) {
    try {
      await attempt();
      return;
    } catch (error) {
      context.checkInterrupted();
      const wait = toCliError(error).exit === exitCode.failed ? retryAfterMs[failures] : undefined;
      if (wait === undefined) throw error;
      await pause(wait, undefined, { signal: context.signal }).catch(() => context.checkInterrupted());
    }
  }
}

/** A store refuses what expired, broke off or came too fast with 4xx: none of it is how the command was used. */
function retryable(thrown: unknown): CliError {
  const { code, message, hint } = toCliError(thrown);
  return new CliError(code, message, { hint, exit: exitCode.failed, cause: thrown });
}

/** The error with how to go on. */
function resumable(context: Context, thrown: unknown, state: string): CliError {
  const hint = `${state}, and kept: go on with the same command.`;
  if (context.signal.aborted) return new Interrupted("Interrupted.", hint);
  const { code, message, exit, findings } = toCliError(thrown);
  return new CliError(code, message, {
    hint: exit === exitCode.failed ? hint : toCliError(thrown).hint,
    exit,
    findings,
    cause: thrown,
  });
}

/** Bytes [start, end). */
type Range = ReturnType<typeof partRange>;

async function* readRange(
  { path }: Package,
  { start, end }: Range,
  onBytes: (count: number) => void,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of createReadStream(path, { start, end: end - 1, highWaterMark: 256 * 1024 })) {
    const bytes = chunk as Uint8Array;
    yield bytes;
    onBytes(bytes.length);
  }
}

async function hashOf(file: Package, range: Range): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of readRange(file, range, () => {})) hash.update(chunk);
  return hash.digest("hex");
}

function* numbersTo(count: number): Generator<number> {
  for (let number = 1; number <= count; number++) yield number;
}
