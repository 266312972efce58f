import { mkdir, open } from "node:fs/promises";
import type { FileHandle } from "node:fs/promises";
import { dirname } from "node:path";
import { messageOf, PlatformFault } from "@benchgen/core/error.ts";
import type { LogLine } from "@benchgen/core/ports.ts";

/** A longer line is cut into several: readers get whole lines of bounded size. Characters. */
const maxLineLength = 32 * 1024;
/** What one job may add. The job's own limit on output is far below; this bounds what a fault can do. Bytes. */
const maxLogBytes = 256 * 1024 * 1024;

export interface LogSink {
  /**
   * Adds a line, or several when the text has line ends in it. On the disk shortly afterwards, in order.
   * @param at milliseconds since the epoch
   */
  write(stream: LogLine["stream"], text: string, at: number): void;
  /** Resolves when everything is written. @throws PlatformFault `log_unwritable` when something could not be */
  close(): void | Promise<void>;
}

/** Appends to the file, which is created when its first line comes. */
export function createLogSink(path: string): LogSink {
  let room = maxLogBytes;
  let pending: string[] = [];
  let file: FileHandle | undefined;
  let failure: unknown;
  let flushed: Promise<void> | undefined;

  const flush = async (): Promise<void> => {
    try {
      file ??= await openLog(path);
      while (pending.length > 0) {
        const text = pending.join("");
        pending = [];
        await file.appendFile(text);
      }
    } catch (error) {
      failure ??= error;
    } finally {
      flushed = undefined;
    }
  };

  const append = (line: LogLine): void => {
    const text = `${JSON.stringify(line)}\n`;
    room -= Buffer.byteLength(text);
    pending.push(text);
  };

  return {
    write(stream, text, at) {
      if (failure !== undefined || room <= 0) return;
      for (const line of text.split(/\r?\n/)) {
        for (let start = 0; start === 0 || start < line.length; start += maxLineLength) {
          append({ at, stream, text: line.slice(start, start + maxLineLength) });
        }
      }
      if (room <= 0) append({ at, stream: "system", text: "The log is full: what comes after is dropped." });
      flushed ??= flush();
    },

    async close() {
      await flushed;
      await file?.close();
      file = undefined;
      if (failure !== undefined) {
        throw new PlatformFault("log_unwritable", `Cannot write ${path}: ${messageOf(failure)}.`, {
          cause: failure,
        });
      }
    },
  };
}

async function openLog(path: string): Promise<FileHandle> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const file = await open(path, "a+", 0o600);
  const { size } = await file.stat();
  const last = Buffer.alloc(1);
  if (size > 0) await file.read(last, 0, 1, size - 1);
  // The last line of a process that was killed: ended here, so that it does not swallow the next.
  if (size > 0 && last[0] !== 0x0a) await file.appendFile("\n");
  return file;
}
