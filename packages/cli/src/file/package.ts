/** Makes one zip of whatever a person names: a zip as it is, a directory packed, any other file alone in a zip. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { type FileHandle, open, stat } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { pipeline } from "node:stream/promises";
import { type ZipMember, writeZip } from "@benchgen/core/bundle/zip-writer.ts";
import { maxUploadBytes } from "@benchgen/core/wire/api.ts";
import { directoryTree } from "@benchgen/local/bundle-source.ts";
import { contentAt } from "@benchgen/runner/file.ts";
import type { Context } from "../context.ts";
import { CliError } from "../error.ts";
import { formatBytes } from "../output/format.ts";
import { temporaryDirectory } from "./temporary.ts";

/** A zip on this machine, ready to be announced and sent. */
export interface Package {
  readonly path: string;
  /** What the server calls it: `baseline.zip`. */
  readonly filename: string;
  /** The directory it was packed from; undefined for a file. */
  readonly directory?: string;
  /** Bytes. */
  readonly size: number;
  /** Lower-case hex. */
  readonly sha256: string;
}

export type PathKind = "zip" | "directory" | "file";

/** What is at a path. @throws CliError when there is nothing, or neither file nor directory */
export async function kindOfPath(path: string): Promise<PathKind> {
  const found = await stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT" && error.code !== "ENOTDIR") throw error;
    throw new CliError("path_not_found", `There is no file or directory ${path}.`, {
      hint: `Paths are taken from ${process.cwd()}.`,
    });
  });
  if (found.isDirectory()) return "directory";
  if (found.isFile()) return /\.zip$/i.test(path) ? "zip" : "file";
  throw new CliError("path_unusable", `${path} is neither a file nor a directory.`);
}

/**
 * @throws CliError when nothing is there, it is a `.zip` that is no zip, it is empty, or too large to send
 */
export async function packageOf(
  context: Pick<Context, "onEnd" | "signal" | "checkInterrupted">,
  path: string,
): Promise<Package> {
  const kind = await kindOfPath(path);
  const name = basename(resolve(path)) || "submission";
  if (kind === "zip") {
    await requireZip(path);
    return described(path, name, context.signal);
  }
  const members = kind === "directory" ? await directoryMembers(path) : [await fileMember(path, name)];
  if (members.length === 0) {
    throw new CliError("path_empty", `The directory ${path} holds no files.`, {
      hint: "Put in it what the environment expects; its pages say what that is: benchgen env show ENV",
    });
  }
  const target = join(await temporaryDirectory(context), "package.zip");
  const { signal } = context;
  const file = await open(target, "wx", 0o600);
  await pipeline(writeZip(members), file.createWriteStream(), { signal }).catch((error: unknown) => {
    context.checkInterrupted();
    throw error;
  });
  const packed = await described(target, `${name}.zip`, signal);
  return kind === "directory" ? { ...packed, directory: path } : packed;
}

async function described(path: string, filename: string, signal: AbortSignal): Promise<Package> {
  const { size } = await stat(path);
  if (size > maxUploadBytes) {
    throw new CliError(
      "too_large",
      `${filename} has ${formatBytes(size)}; one upload takes ${formatBytes(maxUploadBytes)}.`,
      { hint: "Leave out what the programs do not need." },
    );
  }
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path, { signal })) hash.update(chunk as Buffer);
  return { path, filename: filename.slice(-255), size, sha256: hash.digest("hex") };
}

async function directoryMembers(path: string): Promise<ZipMember[]> {
  const tree = await directoryTree(path);
  const [problem] = tree.problems ?? [];
  if (problem !== undefined) throw problem;
  return [...tree.files].map(([file, { size, executable }]) => ({
    path: file,
    size,
    executable,
    open: () => tree.open(file),
  }));
}

async function fileMember(path: string, name: string): Promise<ZipMember> {
  const { size } = await stat(path);
  return {
    path: name.normalize("NFC"),
    size,
    open: async () => contentAt(path),
  };
}

/** A zip begins with a local file header, or, when it is empty, with its end record. */
async function requireZip(path: string): Promise<void> {
  let file: FileHandle | undefined;
  try {
    file = await open(path);
    const { bytesRead, buffer } = await file.read(Buffer.alloc(4), 0, 4, 0);
    const magic = buffer.toString("latin1");
    if (bytesRead === 4 && (magic === "PK\u0003\u0004" || magic === "PK\u0005\u0006")) return;
  } finally {
    await file?.close();
  }
  throw new CliError("not_a_zip", `${path} is called .zip but is not a zip file.`, {
    hint: `See what it is with: file ${path} — or name the directory instead, and it is packed for you.`,
  });
}
