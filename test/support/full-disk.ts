/**
 * What happens to someone whose disk is full: `node test/support/full-disk.ts DIRECTORY`, on a small file system of its
 * own. Prints what the API said, as one JSON object.
 */
import { createHash } from "node:crypto";
import { closeSync, openSync, readdirSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { problemSchema } from "@benchgen/core/wire/api.ts";
import { announcedSchema } from "./api.ts";
import { bundleFiles } from "./bundle.ts";
import { type Actor, openPipeline } from "./pipeline.ts";

/** Of the file system. */
export const diskBytes = 12 * 1024 ** 2;

if (import.meta.main) console.log(JSON.stringify(await fillAndFree(process.argv[2] ?? "")));

async function fillAndFree(mount: string) {
  const pipeline = await openPipeline({ dir: join(mount, "data") });
  const author = await pipeline.actor("ada", "author");
  const before = await author.push(bundleFiles({ title: "before" }));
  const tooLarge = await sendTooMuch(author, pipeline.api.dir);
  const ballast = join(mount, "ballast");
  fill(ballast);
  const announced = await announceUntilRefused(author);
  rmSync(ballast);
  const kept = await Promise.all(
    announced.ids.map(async (id) => (await author.call("GET", `/uploads/${id}`)).status),
  );
  const after = await author.push(bundleFiles({ title: "after" }));
  // It complains that the server had errors, which is what this is about.
  await pipeline.close().catch((error: unknown) => error);
  return {
    before: before.status,
    tooLarge,
    refused: announced.refused,
    kept: kept.every((status) => status === 200),
    after: after.status,
  };
}

/** An upload for which there is no room. @returns what the API says, and how many files and keys are left of it */
async function sendTooMuch(author: Actor, directory: string) {
  const content = Buffer.alloc(2 * diskBytes);
  const files = () => readdirSync(join(directory, "objects"), { recursive: true, withFileTypes: true });
  const count = () => files().filter((entry) => entry.isFile()).length;
  const before = count();
  const { put, upload } = await announce(author, content);
  const answer = await author.api.put(put, content);
  const { status, code } = problemSchema.parse(await answer.json());
  const { status: recorded } = (await (await author.call("GET", `/uploads/${upload.id}`)).json()) as {
    status: string;
  };
  return { status, code, recorded, filesLeft: count() - before };
}

function announce(author: Actor, content: Uint8Array) {
  const sha256 = createHash("sha256").update(content).digest("hex");
  const body = { kind: "bundle", filename: "bundle.zip", size: content.length, sha256 };
  return author.json(announcedSchema, "POST", "/uploads", body);
}

/** The table's log has some room that it took before. */
async function announceUntilRefused(author: Actor) {
  const ids: string[] = [];
  for (;;) {
    const body = { kind: "bundle", filename: "b".repeat(250), size: 1, sha256: "0".repeat(64) };
    const answer = await author.call("POST", "/uploads", { body });
    if (!answer.ok) {
      const { status, code, hint } = problemSchema.parse(await answer.json());
      return { ids, refused: { status, code, hint } };
    }
    ids.push(announcedSchema.parse(await answer.json()).upload.id);
  }
}

/** Bytes until no more go in. */
function fill(path: string): void {
  const file = openSync(path, "w");
  try {
    for (let size = 1024 * 1024; size >= 1; size = Math.floor(size / 2)) {
      try {
        for (;;) writeSync(file, Buffer.alloc(size));
      } catch {
        // Not so much at once any more.
      }
    }
  } finally {
    closeSync(file);
  }
}
