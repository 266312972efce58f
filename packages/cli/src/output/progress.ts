import { Bar, Presets } from "cli-progress";
import { formatBytes } from "./format.ts";
import type { Output } from "./output.ts";
import { text, truncate } from "./text.ts";

export interface Progress {
  add(bytes: number): void;
  stop(): void;
}

/** Below this a bar would only flash. */
const worthABar = 256 * 1024;
/** Off a terminal, at most one line in this time. */
const lineEveryMs = 5000;

/** A bar on a terminal; elsewhere a line now and then, and none for what is sent at once. */
export function uploadProgress(out: Output, file: { filename: string; size: number }): Progress {
  return out.live && file.size >= worthABar ? bar(out, file) : throttledLines(out, file);
}

function bar(out: Output, file: { filename: string; size: number }): Progress {
  const name = truncate(file.filename, 30).plain;
  const line = new Bar(
    {
      format: `Uploading ${name} {bar} {percentage} % of ${formatBytes(file.size)}, {eta_formatted} left`,
      // A tty.WriteStream while `live`; the type says any stream.
      stream: out.progressSink as unknown as NodeJS.WritableStream,
      barsize: 24,
      clearOnComplete: true,
      hideCursor: true,
      gracefulExit: false,
    },
    Presets.shades_classic,
  );
  line.start(file.size, 0);
  return { add: (bytes) => line.increment(bytes), stop: () => line.stop() };
}

function throttledLines(out: Output, file: { filename: string; size: number }): Progress {
  let sent = 0;
  let last = Date.now();
  return {
    add: (bytes) => {
      sent += bytes;
      if (Date.now() - last < lineEveryMs) return;
      last = Date.now();
      out.note(text`Uploading ${file.filename}: ${formatBytes(sent)} of ${formatBytes(file.size)}`);
    },
    stop: () => {},
  };
}
