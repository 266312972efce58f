/** Gathers cases into the groups of their column file. */
import { createHash } from "node:crypto";
import { usageNames } from "../wire/comparison.ts";
import { encodeGroup } from "./column-file.ts";
import { caseHash } from "./id-index.ts";
import { hasCountedScores } from "./outcome.ts";
import type { StoredCase } from "./stored.ts";

/** Names in `scores` that have a column; a program may make one up for every case. */
export const maxScoreColumns = 16;

/** Some 400 KB. */
const groupRows = 4096;

/** Takes cases in order; gives the file in pieces, in the memory of one group. */
export class ColumnWriter {
  readonly #scores = new Set<string>();
  #ids: string[] = [];
  #contents: number[] = [];
  #lengths: number[] = [];
  #clusters: (string | undefined)[] = [];
  #numbers = new Map<string, (number | undefined)[]>();

  /**
   * @param length of the case's summary, bytes
   * @returns a group when the case was the last of it
   */
  add(stored: StoredCase, length: number): Uint8Array | undefined {
    const row = this.#ids.length;
    this.#ids.push(caseHash(stored.id, 1));
    this.#contents.push(Number.parseInt(stored.content.slice(0, 12), 16));
    this.#lengths.push(length);
    this.#clusters.push(stored.cluster === undefined ? undefined : clusterHash(stored.cluster));
    const { outcome, score, scores } = stored;
    if (outcome.status !== "not_scored") this.#set("passed", row, outcome.status === "passed" ? 1 : 0);
    if (hasCountedScores(outcome)) {
      this.#set("score", row, score);
      for (const [name, value] of Object.entries(scores ?? {})) {
        if (this.#scores.size < maxScoreColumns) this.#scores.add(name);
        if (this.#scores.has(name)) this.#set(`scores.${name}`, row, value);
      }
    }
    for (const name of usageNames) this.#set(name, row, stored[name]);
    return this.#ids.length < groupRows ? undefined : this.end();
  }

  #set(name: string, row: number, value: number | undefined): void {
    if (value === undefined) return;
    const column = this.#numbers.get(name) ?? [];
    this.#numbers.set(name, column);
    column[row] = value;
  }

  /** The group that is not full; undefined when it has no case. */
  end(): Uint8Array | undefined {
    if (this.#ids.length === 0) return undefined;
    const clusters = this.#clusters.some((cluster) => cluster !== undefined) ? this.#clusters : undefined;
    const group = encodeGroup({
      ids: this.#ids,
      contents: this.#contents,
      lengths: this.#lengths,
      ...(clusters && { clusters }),
      numbers: this.#numbers,
    });
    [this.#ids, this.#contents, this.#lengths, this.#clusters] = [[], [], [], []];
    this.#numbers = new Map();
    return group;
  }
}

function clusterHash(cluster: string): string {
  return createHash("sha256").update(cluster).digest().toString("latin1", 0, 8);
}
