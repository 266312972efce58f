import type { LogLine } from "@benchgen/core/ports.ts";
import type { ProgressSource } from "@benchgen/core/run/announce.ts";
import type { Announcer } from "@benchgen/core/run/announcer.ts";
import { newestProgress } from "@benchgen/core/run/progress.ts";
import type { JobSpec } from "@benchgen/core/wire/job.ts";

export type SayProgress = Announcer["say"];

/** What a job's programs print of their progress, on its way to be announced: the newest, as soon as it is due. */
export class JobProgress {
  readonly #job: Pick<JobSpec, "runId" | "taskIndex" | "kind">;
  readonly #say: SayProgress;
  #newest: ProgressSource | undefined;
  #timer: NodeJS.Timeout | undefined;
  #saying: Promise<void> = Promise.resolve();
  #isQueued = false;

  constructor(job: Pick<JobSpec, "runId" | "taskIndex" | "kind">, say: SayProgress) {
    this.#job = job;
    this.#say = say;
  }

  see(line: LogLine): void {
    const progress = newestProgress([line]);
    if (progress === undefined) return;
    const { runId, taskIndex, kind } = this.#job;
    this.#newest = { kind: "printed", runId, taskIndex, job: kind, progress };
    // While a timer runs it is too early for any but the last word.
    if (this.#timer === undefined || progress.done === progress.total) this.#sayNewest();
  }

  /** After the last line. */
  async end(): Promise<void> {
    if (this.#timer !== undefined) this.#sayNewest();
    await this.#saying;
    clearTimeout(this.#timer);
  }

  #sayNewest(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    // One after the other, each with what is newest by then.
    if (this.#isQueued) return;
    this.#isQueued = true;
    this.#saying = this.#sayAfter(this.#saying);
  }

  async #sayAfter(before: Promise<void>): Promise<void> {
    await before;
    this.#isQueued = false;
    if (this.#newest === undefined) return;
    const dueAt = await this.#say(this.#newest);
    if (dueAt === undefined) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#sayNewest(), Math.max(0, dueAt - Date.now())).unref();
  }
}
