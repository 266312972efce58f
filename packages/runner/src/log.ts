/** The log files of a job, made from what was captured of each program. */
import { join } from "node:path";
import { reportFile, volumeName } from "@benchgen/core/job/container.ts";
import type { ProgramName } from "@benchgen/core/wire/job.ts";
import { contentOf, openRegular, readTail } from "./file.ts";

export interface LogRequest {
  readonly root: string;
  readonly programs: readonly ProgramName[];
  readonly stream: "stdout" | "stderr";
  /** Bytes kept of each program. */
  readonly maxBytes: number;
}

/** One stream of every program, one after the other; each names what was dropped of it, and two are headed by a name. */
export async function* jobLog(request: LogRequest): AsyncGenerator<Uint8Array> {
  const { root, programs, stream, maxBytes } = request;
  for (const program of programs) {
    const report = join(root, volumeName.report(program));
    if (programs.length > 1) yield Buffer.from(`=== ${program} program ===\n`);
    const opened = await openRegular(join(report, reportFile[stream]));
    if (opened === undefined) continue;
    const kept = Math.min(opened.size, maxBytes);
    yield* contentOf(opened.file, kept);
    const bytes = stream === "stdout" ? reportFile.stdoutBytes : reportFile.stderrBytes;
    const total = Number.parseInt(await readTail(join(report, bytes), 32), 10);
    const dropped = (Number.isSafeInteger(total) ? total : opened.size) - kept;
    if (dropped > 0)
      yield Buffer.from(`\n[benchgen] ${dropped} more bytes were dropped: ${maxBytes} are kept.\n`);
    else if (programs.length > 1) yield Buffer.from("\n");
  }
}
