/** How the demo tells what happens: one line per stage, with the time since its beginning. */
import type { Output } from "../output/output.ts";
import { type Text, pad, paint, text } from "../output/text.ts";
import type { Run } from "@benchgen/core/wire/api.ts";
import type { RunView } from "../run/follow.ts";
import { changesBetween } from "../run/stage.ts";
import type { TaskStatus } from "@benchgen/core/wire/status.ts";

export const stages = [
  "uploaded",
  "validated",
  "ingestion",
  "scoring",
  "scored",
  "failed",
  "verified",
  "published",
  "merged",
  "notified",
  "added",
  "judged",
] as const;
export type Stage = (typeof stages)[number];

const stageOf: Partial<Record<TaskStatus, Stage>> = {
  ingesting: "ingestion",
  scoring: "scoring",
  succeeded: "scored",
  failed: "failed",
};

export class Story {
  readonly #out: Output;
  readonly #startedAt = Date.now();

  constructor(out: Output) {
    this.#out = out;
  }

  /** Since the beginning. */
  get seconds(): number {
    return (Date.now() - this.#startedAt) / 1000;
  }

  heading(title: Text): void {
    this.#out.print(text`\n${paint.bold(title)}`);
  }

  stage(stage: Stage, detail: Text, facts: object = {}): void {
    this.#out.data({ type: "stage", stage, ...facts });
    const time = paint.dim(pad(`${this.seconds.toFixed(1)} s`, 7, "right"));
    const color =
      stage === "failed"
        ? paint.red
        : stage === "ingestion" || stage === "scoring"
          ? paint.cyan
          : paint.green;
    this.#out.print(text`${time}  ${pad(color(stage), 10)} ${detail}`);
  }

  /** Tells a run's tasks as they go from stage to stage. */
  runView(ingests: (taskIndex: number) => boolean): RunView {
    let before: Run | undefined;
    return {
      show: (run) => {
        for (const { task, status } of changesBetween(before, run, ingests)) {
          const stage = stageOf[status];
          if (stage !== undefined) this.stage(stage, text`${task.name}`, { run: run.id, task: task.index });
        }
        before = run;
      },
      end: () => {},
    };
  }
}
