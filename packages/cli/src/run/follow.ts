/** Watches a run until it is over, and shows what happens: live on a terminal, as few lines elsewhere. */
import type { Run } from "@benchgen/core/wire/api.ts";
import type { RunId } from "@benchgen/core/wire/id.ts";
import { isTerminal, runMoves } from "@benchgen/core/wire/status.ts";
import type { Context } from "../context.ts";
import { CliError, Interrupted } from "../error.ts";
import { poll } from "../poll.ts";
import { lineView } from "./line-view.ts";
import { liveView } from "./live-view.ts";
import { changesBetween, progressSince } from "./stage.ts";

/** Shows a run as it changes. */
export interface RunView {
  /** @param lastLog the newest line its programs wrote */
  show(run: Run, lastLog: string | undefined): void;
  end(): void;
}

export interface FollowOptions {
  /** Whether a task has an ingestion program, by its index. */
  readonly ingests: (taskIndex: number) => boolean;
  readonly view?: RunView;
}

/**
 * @returns the run once it is over, however it ended
 * @throws Interrupted on Ctrl-C: a run of this process is cancelled, a run of a server goes on
 */
export async function followRun(context: Context, id: RunId, options: FollowOptions): Promise<Run> {
  const client = await context.client();
  const view =
    options.view ?? (context.out.live ? liveView(context.out) : lineView(context.out, options.ingests));
  const newestLine = logTail(context, id);
  let before: Run | undefined;
  try {
    return await poll(
      context,
      async () => {
        const run = await client.watchRun(id);
        tellChanges(context, before, run, options.ingests);
        view.show(run, context.out.live ? await newestLine() : undefined);
        before = run;
        return run;
      },
      (run) => isTerminal(runMoves, run.status),
    );
  } catch (error) {
    if (context.signal.aborted) throw await interrupted(context, id);
    throw error;
  } finally {
    view.end();
  }
}

function tellChanges(
  { out }: Context,
  before: Run | undefined,
  run: Run,
  ingests: FollowOptions["ingests"],
): void {
  if (!out.json) return;
  if (before?.status !== run.status) out.data({ type: "status", run: run.id, status: run.status });
  for (const { task, status } of changesBetween(before, run, ingests)) {
    out.data({ type: "task", run: run.id, index: task.index, name: task.name, status });
  }
  for (const { task, progress } of progressSince(before, run)) {
    const { at: _at, ...said } = progress;
    out.data({ type: "progress", run: run.id, index: task.index, ...said, usage: run.usage });
  }
}

/** Gives the last line that was written, each time it is called; nothing where the phase hides what programs write. */
function logTail(context: Context, id: RunId): () => Promise<string | undefined> {
  let cursor: string | undefined;
  let last: string | undefined;
  let hidden = false;
  return async () => {
    const client = await context.client();
    const page = hidden
      ? undefined
      : await client.readLogs(id, cursor).catch((error: unknown) => {
          if (!(error instanceof CliError) || error.code !== "output_hidden") throw error;
          hidden = true;
        });
    if (!page) return undefined;
    cursor = page.cursor;
    last =
      page.entries.findLast((entry) => entry.stream !== "system" && entry.text.trim() !== "")?.text ?? last;
    return last;
  };
}

/** This process is what executes a run of its own: leaving one behind unasked would surprise whoever pressed Ctrl-C. */
async function interrupted(context: Context, id: RunId): Promise<Interrupted> {
  const { client, host } = await context.connect();
  if (host === undefined) {
    return new Interrupted(
      `No longer following; run ${id} goes on.`,
      `benchgen status ${id} — or: benchgen cancel ${id}`,
    );
  }
  try {
    await client.cancelRun(id);
    await host.waitForRun(id);
  } catch (error) {
    // It may have ended by itself in the meantime.
    if (!(error instanceof CliError)) throw error;
  }
  return new Interrupted(`Interrupted; run ${id} was cancelled.`);
}
