import type { LogLine } from "@benchgen/core/ports.ts";
import type { JobSpec, ProgramName } from "@benchgen/core/wire/job.ts";
import { LineSplitter } from "./line-splitter.ts";
import type { LogSink } from "./log/log-sink.ts";

type Stream = "stdout" | "stderr";

/** A job's output on its way to the sink: lines, named by their program where there are two, up to the limit of each. */
export class JobLog {
  readonly #sink: LogSink;
  readonly #onLine: (line: LogLine) => void;
  readonly #named: boolean;
  readonly #maxBytes: number;
  readonly #streams = new Map<string, { splitter: LineSplitter; room: number }>();

  /** @param onLine told each line of the programs beside */
  constructor(
    sink: LogSink,
    spec: Pick<JobSpec, "programs" | "limits">,
    onLine: (line: LogLine) => void = () => {},
  ) {
    this.#sink = sink;
    this.#onLine = onLine;
    this.#named = spec.programs.length > 1;
    this.#maxBytes = spec.limits.logBytes;
  }

  take(program: ProgramName, stream: Stream, chunk: Uint8Array): void {
    const key = `${program} ${stream}`;
    const state = this.#streams.get(key) ?? {
      splitter: this.#splitter(program, stream),
      room: this.#maxBytes,
    };
    this.#streams.set(key, state);
    if (state.room === 0) return;
    const shown = chunk.subarray(0, state.room);
    state.room -= shown.length;
    state.splitter.push(shown);
    if (state.room > 0) return;
    state.splitter.end();
    const text = `${program}: only the first ${this.#maxBytes} bytes of ${stream} are kept`;
    this.#sink.write("system", text, Date.now());
  }

  /** Tells the last lines. */
  end(): void {
    for (const { splitter } of this.#streams.values()) splitter.end();
  }

  #splitter(program: ProgramName, stream: Stream): LineSplitter {
    const prefix = this.#named ? `${program}: ` : "";
    return new LineSplitter((line) => {
      const [text, at] = [prefix + line, Date.now()];
      this.#sink.write(stream, text, at);
      this.#onLine({ stream, text, at });
    });
  }
}
