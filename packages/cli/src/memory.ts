/** Remembers the last run and environment, so that `benchgen logs` needs no id. Losing it costs some typing only. */
import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { isId } from "@benchgen/core/wire/id.ts";
import * as z from "zod";
import { makePrivateDirectory } from "./file/directory.ts";

const entrySchema = z.object({
  run: z
    .string()
    .refine((value) => isId("run", value))
    .optional(),
  environment: z.string().optional(),
});
const memorySchema = z.record(z.string(), entrySchema);
export type Remembered = z.infer<typeof entrySchema>;

export class Memory {
  readonly #file: string;
  readonly #place: string;

  /** @param place what ids belong to: a server's URL, or `local` */
  constructor(home: string, place: string) {
    this.#file = join(home, "last.json");
    this.#place = place;
  }

  async recall(): Promise<Remembered> {
    return (await this.#read())[this.#place] ?? {};
  }

  /** Never fails a command: on a read-only or full disk nothing is remembered. */
  async remember(what: Remembered): Promise<void> {
    const all = await this.#read();
    const next = { ...all, [this.#place]: { ...all[this.#place], ...what } };
    const draft = `${this.#file}.${process.pid}`;
    try {
      await makePrivateDirectory(dirname(this.#file));
      await writeFile(draft, `${JSON.stringify(next, null, 2)}\n`, { mode: 0o600 });
      await rename(draft, this.#file);
    } catch {
      await rm(draft, { force: true }).catch(() => {});
    }
  }

  async #read(): Promise<z.infer<typeof memorySchema>> {
    try {
      return memorySchema.parse(JSON.parse(await readFile(this.#file, "utf8")));
    } catch {
      return {};
    }
  }
}
