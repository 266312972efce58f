import type { LogEntry, Run } from "@benchgen/core/wire/api.ts";
import type { RunId } from "@benchgen/core/wire/id.ts";
import type { Context } from "../context.ts";
import { paint, pad, text } from "../output/text.ts";
import { poll } from "../poll.ts";
import { resolveRun } from "../reference.ts";
import type { Register } from "./command.ts";

export const registerLogs: Register = (program, run) => {
  const command = program
    .command("logs")
    .argument("[run]", "a run's id (default: the last one)")
    .description("Show what a run's programs wrote.")
    .option("-f, --follow", "go on until the run is over");
  command.action((word: string | undefined, { follow }: { follow?: boolean }) =>
    run(command, async (context) => showLogs(context, word, follow === true)),
  );
};

async function showLogs(context: Context, word: string | undefined, follow: boolean): Promise<undefined> {
  const id = await resolveRun(context, word);
  const client = await context.client();
  const show = printer(context, await client.getRun(id));
  if (follow) await followLogs(context, id, show);
  else await readAll(context, id, show);
}

/** Everything there is by now. */
async function readAll(context: Context, id: RunId, show: (entry: LogEntry) => void): Promise<void> {
  const client = await context.client();
  let cursor: string | undefined;
  for (;;) {
    context.checkInterrupted();
    const page = await client.readLogs(id, cursor);
    page.entries.forEach(show);
    if (page.entries.length === 0) return;
    cursor = page.cursor;
  }
}

async function followLogs(context: Context, id: RunId, show: (entry: LogEntry) => void): Promise<void> {
  const client = await context.client();
  let cursor: string | undefined;
  await poll(
    context,
    async () => {
      let page = await client.readLogs(id, cursor);
      // What is there already is read at once; only at its end is there something to wait for.
      for (; page.entries.length > 0; page = await client.readLogs(id, cursor)) {
        page.entries.forEach(show);
        cursor = page.cursor;
        context.checkInterrupted();
      }
      return page.done;
    },
    (done) => done,
  );
}

/** stdout of the programs to stdout; which program wrote a line stands before it. */
function printer({ out }: Context, run: Run): (entry: LogEntry) => void {
  const tasks = new Map(run.tasks.map(({ index, name }) => [index, name]));
  const labels = run.tasks.map(({ name }) => text`${name}/ingestion`.width);
  const width = Math.min(32, Math.max(...labels, 0));
  return (entry) => {
    out.data({ type: "log", run: run.id, ...entry });
    const label = paint.dim(pad(`${tasks.get(entry.task) ?? entry.task}/${entry.job}`, width));
    const line = entry.stream === "stdout" ? text`${entry.text}` : mark(entry);
    out.print(text`${label} ${paint.dim("│")} ${line}`);
  };
}

function mark({ stream, text: line }: LogEntry) {
  return stream === "stderr" ? paint.yellow(line) : paint.cyan(line);
}
