/** Sends a package: announced, PUT to a signed URL or in parts, and followed until the server has checked it. */
import { join } from "node:path";
import { shellWord } from "@benchgen/core/shell-word.ts";
import type * as api from "@benchgen/core/wire/api.ts";
import type { Finding } from "@benchgen/core/wire/finding.ts";
import { contentAt } from "@benchgen/runner/file.ts";
import type * as z from "zod";
import type { Context } from "../context.ts";
import { CliError, Interrupted, exitCode } from "../error.ts";
import { renderFinding } from "../output/finding.ts";
import { formatBytes } from "../output/format.ts";
import { type Progress, uploadProgress } from "../output/progress.ts";
import { text } from "../output/text.ts";
import { poll } from "../poll.ts";
import type { Package } from "./package.ts";
import { sendParts } from "./upload-part.ts";

type UploadInput = z.input<typeof api.createUploadSchema>;

/**
 * @param onSent called when the bytes are there, before they are checked
 * @returns the accepted upload
 * @throws CliError `upload_rejected` with its findings
 */
export async function upload(
  context: Context,
  file: Package,
  purpose: Pick<UploadInput, "kind" | "environment" | "purpose">,
  onSent?: () => void,
): Promise<api.Upload> {
  const { client } = await context.connect();
  const { filename, size, sha256 } = file;
  const created = await client.createUpload({ ...purpose, filename, size, sha256 });
  const { put, upload: announced } = created;
  const { id } = announced;
  if (put === undefined) await sendParts(context, file, announced);
  else await send(context, file, (body) => client.putUpload(put, body, size));
  context.out.note(text`Uploaded ${filename} (${formatBytes(size)})`);
  onSent?.();
  context.out.data({ type: "uploaded", upload: id, kind: purpose.kind, filename, size, sha256 });
  const checked = await poll(
    context,
    () => client.getUpload(id),
    (found) => !pending.has(found.status),
  );
  if (checked.status === "accepted") {
    // Of a bundle they were told before it was sent.
    if (purpose.kind === "submission") await warn(context, checked.findings, file);
    return checked;
  }
  throw new CliError("upload_rejected", rejection(checked), {
    exit: exitCode.failed,
    findings: checked.findings,
    hint: howToGoOn(checked),
  });
}

/** Shows what may be wrong with a submission: it is run all the same. */
async function warn({ out }: Context, findings: readonly Finding[], { directory }: Package): Promise<void> {
  for (const found of findings) {
    const finding = directory === undefined ? found : inDirectory(directory, found);
    out.data({ type: "finding", ...finding });
    if (!out.json) out.complain(await renderFinding(finding));
  }
}

/** A directory is packed here: another one is to be named, and nothing to be zipped. */
function inDirectory(directory: string, finding: Finding): Finding {
  if (finding.code !== "submission.wrapped" || finding.file === undefined) return finding;
  return { ...finding, hint: `Name that folder: --submission ${shellWord(join(directory, finding.file))}` };
}

const pending = new Set<api.Upload["status"]>(["waiting", "checking"]);

function rejection({ filename, kind, status }: api.Upload): string {
  if (status === "expired") return `${filename} was not received in time.`;
  return kind === "bundle"
    ? `${filename} is not a valid bundle.`
    : `${filename} cannot be used as a submission.`;
}

function howToGoOn({ kind, status }: api.Upload): string | undefined {
  if (status === "expired") return "Send it again.";
  return kind === "bundle" ? "Correct it, and look at it here first: benchgen validate PATH" : undefined;
}

async function send(
  context: Context,
  file: Package,
  put: (body: ReadableStream<Uint8Array>) => Promise<void>,
): Promise<void> {
  const progress = uploadProgress(context.out, file);
  const content = counted(contentAt(file.path), progress);
  try {
    await put(ReadableStream.from(content));
  } catch (error) {
    if (context.signal.aborted) throw new Interrupted();
    throw error;
  } finally {
    progress.stop();
    // An answer may come before all is read.
    await content.return(undefined);
  }
}

async function* counted(content: AsyncIterable<Uint8Array>, progress: Progress): AsyncGenerator<Uint8Array> {
  for await (const chunk of content) {
    yield chunk;
    progress.add(chunk.length);
  }
}
