import { StringDecoder } from "node:string_decoder";

/** Characters of one line; a longer one is told in parts. */
const maxLineLength = 16 * 1024;

/** Cuts output into lines as it arrives, in bounded memory. */
export class LineSplitter {
  readonly #decoder = new StringDecoder("utf8");
  readonly #emit: (line: string) => void;
  #rest = "";

  /** @param emit told each line without its end; of `\r\n` both are its end */
  constructor(emit: (line: string) => void) {
    this.#emit = emit;
  }

  push(chunk: Uint8Array): void {
    const lines = (this.#rest + this.#decoder.write(chunk)).split("\n");
    this.#rest = lines.pop() ?? "";
    for (const line of lines) this.#tell(line.endsWith("\r") ? line.slice(0, -1) : line);
    while (this.#rest.length > maxLineLength) {
      this.#emit(this.#rest.slice(0, maxLineLength));
      this.#rest = this.#rest.slice(maxLineLength);
    }
  }

  /** A last line need not have an end. */
  end(): void {
    const rest = this.#rest + this.#decoder.end();
    this.#rest = "";
    if (rest !== "") this.#tell(rest);
  }

  #tell(line: string): void {
    let from = 0;
    do {
      this.#emit(line.slice(from, from + maxLineLength));
      from += maxLineLength;
    } while (from < line.length);
  }
}
