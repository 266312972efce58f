import { randomBytes } from "node:crypto";
import { once } from "node:events";
import type { Context } from "../context.ts";
import { type ExecutionOptions, addExecutionOptions, executionOptions } from "../execution.ts";
import { httpUrl, portNumber, positiveInteger } from "../option.ts";
import { renderEvent } from "../output/event.ts";
import { paint, text } from "../output/text.ts";
import type { Register } from "./command.ts";

interface ServeOptions extends ExecutionOptions {
  readonly host: string;
  readonly port: number;
  readonly publicUrl?: string;
  readonly requireToken?: boolean;
  readonly webhook?: string;
  readonly runFileDays?: number;
}

export const registerServe: Register = (program, run) => {
  const command = addExecutionOptions(program.command("serve"))
    .description("Serve the API on this machine, and run what is submitted to it.")
    .option("--host <address>", "address to listen on; any but loopback insists on tokens", "127.0.0.1")
    .option("--port <n>", "port; 0 for any that is free", portNumber, 7331)
    .option("--public-url <url>", "how clients reach it, when it is behind a proxy", httpUrl)
    .option("--require-token", "insist on tokens on loopback too")
    .option("--webhook <url>", "POST every event there", httpUrl)
    .option(
      "--run-file-days <n>",
      "delete outputs, logs and cases of runs so many days after their end (default: never)",
      positiveInteger,
    );
  command.action((options: ServeOptions) => run(command, async (context) => serve(context, options)));
};

async function serve(context: Context, options: ServeOptions): Promise<undefined> {
  const { out, signal, target } = context;
  const { host, port, publicUrl, requireToken, webhook, runFileDays } = options;
  // Loaded here: no other command needs a web server.
  const { startServer } = await import("../host/server.ts");
  const server = await startServer(
    {
      dir: target.home,
      host,
      port,
      publicUrl,
      requireToken,
      ...executionOptions(options, context.environment),
      ...(runFileDays === undefined ? {} : { runFileDays }),
      ...(webhook === undefined ? {} : { webhook: { url: webhook, secret: webhookSecret(context) } }),
    },
    out,
  );
  context.onEnd(() => server.close());
  out.data({ type: "listening", url: server.url, home: target.home });
  out.print(
    text`benchgen serves ${paint.bold(server.url)}  ${paint.dim(`data in ${target.home}; Ctrl-C ends it`)}`,
  );
  out.note(text`In another terminal: BENCHGEN_URL=${server.url} benchgen env list`);
  const unsubscribe = server.local.events.subscribe((event) => {
    out.data({ type: "event", event });
    out.print(renderEvent(event));
  });
  if (!signal.aborted) await once(signal, "abort");
  unsubscribe();
  out.note(text`Ending. What still runs is begun again at the next start.`);
}

/** Receivers check deliveries by it: from the environment, so that it stays the same, else made and shown now. */
function webhookSecret({ environment, out }: Context): string {
  const given = environment["BENCHGEN_WEBHOOK_SECRET"];
  if (given !== undefined && given !== "") return given;
  const made = randomBytes(24).toString("base64url");
  out.complain(text`Deliveries are signed with ${made}; set BENCHGEN_WEBHOOK_SECRET to keep one secret.`);
  return made;
}
