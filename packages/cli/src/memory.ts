/** Remembers the last run and environment, so that `benchgen logs` needs no id. Losing it costs some typing only. */
import { createHash, randomUUID } from "node:crypto";
import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { isId } from "@benchgen/core/wire/id.ts";
import * as z from "zod";
import { makePrivateDirectory } from "./file/directory.ts";
import { serverUrl } from "./login.ts";

const entrySchema = z.object({
  run: z
    .string()
    .refine((value) => isId("run", value))
    .optional(),
  environment: z.string().optional(),
});
const memorySchema = z.record(z.string(), entrySchema);
export type Remembered = z.infer<typeof entrySchema>;

/** What ids belong to: this machine without a `url`, else whoever the token is of on that server. */
interface Place {
  readonly url: string | undefined;
  readonly token: string | undefined;
}

export class Memory {
  readonly #file: string;
  readonly #place: string;

  constructor(home: string, place: Place) {
    this.#file = join(home, "last.json");
    this.#place = placeName(place);
  }

  async recall(): Promise<Remembered> {
    return (await this.#read())[this.#place] ?? {};
  }

  /** Never fails a command: on a read-only or full disk nothing is remembered. */
  async remember(what: Remembered): Promise<void> {
    const all = await this.#read();
    const next = { ...all, [this.#place]: { ...all[this.#place], ...what } };
    const draft = `${this.#file}.${randomUUID()}.part`;
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

/** One participant does not see the runs of another: each token has a place of its own, told by a part of its hash. */
function placeName({ url, token }: Place): string {
  if (url === undefined) return "local";
  if (token === undefined) return serverUrl(url);
  return `${serverUrl(url)} ${createHash("sha256").update(token).digest("hex").slice(0, 12)}`;
}
