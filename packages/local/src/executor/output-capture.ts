import { type FileHandle, open, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { reportFile } from "@benchgen/core/job/container.ts";

/** Keeps the beginning of one stream of a program's output, and counts all of it, in the files stage-out reads. */
export class OutputCapture {
  readonly #file: FileHandle;
  readonly #countPath: string;
  #room: number;
  #total = 0;

  private constructor(file: FileHandle, countPath: string, maxBytes: number) {
    this.#file = file;
    this.#countPath = countPath;
    this.#room = maxBytes;
  }

  /** @param report the program's report volume, which the program does not see */
  static async open(report: string, stream: "stdout" | "stderr", maxBytes: number): Promise<OutputCapture> {
    const file = await open(join(report, reportFile[stream]), "w");
    const count = stream === "stdout" ? reportFile.stdoutBytes : reportFile.stderrBytes;
    return new OutputCapture(file, join(report, count), maxBytes);
  }

  async take(chunk: Uint8Array): Promise<void> {
    this.#total += chunk.length;
    const kept = chunk.subarray(0, this.#room);
    this.#room -= kept.length;
    if (kept.length > 0) await this.#file.writeFile(kept);
  }

  async close(): Promise<void> {
    await this.#file.close();
    await writeFile(this.#countPath, `${this.#total}\n`);
  }
}
