/**
 * Where everything the command says goes. Results for a person or, with `--json`, one JSON object a line: stdout.
 * Progress and diagnostics: stderr.
 */
import { type Text, cleanDeep } from "./text.ts";

/** The part of a tty.WriteStream that is used; tests give their own. */
export interface Sink {
  write(chunk: string): unknown;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
}

export interface OutputOptions {
  readonly stdout: Sink;
  readonly stderr: Sink;
  readonly json: boolean;
  readonly quiet: boolean;
  /** False with --no-color, NO_COLOR, or TERM=dumb. */
  readonly color: boolean;
}

export class Output {
  readonly json: boolean;
  readonly quiet: boolean;
  readonly #options: OutputOptions;

  constructor(options: OutputOptions) {
    this.#options = options;
    this.json = options.json;
    this.quiet = options.quiet;
  }

  /** The same without progress: for steps of a command that tells its own. */
  quieted(): Output {
    return new Output({ ...this.#options, quiet: true });
  }

  /** Whether stderr is a terminal on which lines may be redrawn. */
  get live(): boolean {
    return this.#options.stderr.isTTY === true && !this.json && !this.quiet;
  }

  /** Columns of the terminal that progress is shown on. One that is made by a program says 0 when nobody set its size. */
  get columns(): number {
    const { columns = 0 } = this.#options.stderr;
    return columns > 0 ? columns : 80;
  }

  /** A result, for a person. Nothing with --json. */
  print(line: Text): void {
    if (!this.json) this.#options.stdout.write(`${this.#dress(line, this.#options.stdout)}\n`);
  }

  /** A result, for a program: one line. Nothing without --json. */
  data(record: object): void {
    if (this.json) this.#options.stdout.write(`${JSON.stringify(cleanDeep(record))}\n`);
  }

  /** Progress, and how to go on. Nothing with --json or --quiet. */
  note(line: Text): void {
    if (!this.json && !this.quiet) this.complain(line);
  }

  /** What must be seen, whatever the options. */
  complain(line: Text): void {
    this.#options.stderr.write(`${this.#dress(line, this.#options.stderr)}\n`);
  }

  /** Terminal control of our own, for redrawing. Only while `live`. */
  control(sequence: string): void {
    if (this.live) this.#options.stderr.write(sequence);
  }

  /** The stream a progress bar draws on. */
  get progressSink(): Sink {
    return this.#options.stderr;
  }

  #dress(line: Text, sink: Sink): string {
    return this.#options.color && sink.isTTY === true ? line.ansi : line.plain;
  }
}
