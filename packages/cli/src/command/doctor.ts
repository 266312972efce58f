import type { Context } from "../context.ts";
import { type Check, checkHome, checkNode, checkServer } from "../doctor/check.ts";
import { checkExecutors, checkInterpreters } from "../doctor/execution-check.ts";
import { type ExitCode, exitCode } from "../error.ts";
import { pad, paint, text } from "../output/text.ts";
import type { Register } from "./command.ts";

export const registerDoctor: Register = (program, run) => {
  const command = program
    .command("doctor")
    .description("Show what this machine can run, and what is missing.");
  command.action(() => run(command, doctor));
};

async function doctor(context: Context): Promise<ExitCode> {
  let good = true;
  for await (const check of checks(context)) {
    good &&= check.level !== "fail";
    show(context, check);
  }
  context.out.data({ type: "doctor", ok: good });
  context.out.print(
    good
      ? text`\n${paint.green("Ready.")} See it work: npx benchgen demo`
      : text`\n${paint.red("Not ready.")}`,
  );
  return good ? exitCode.done : exitCode.failed;
}

/** With a server, only what the command itself needs: programs run there. */
async function* checks(context: Context): AsyncGenerator<Check> {
  const { url, home } = context.target;
  yield checkNode();
  if (url !== undefined) {
    yield* await checkServer(await context.client(), url);
    return;
  }
  yield await checkHome(home);
  const { probeAll } = await import("@benchgen/local/executor/probe.ts");
  yield* checkExecutors(await probeAll());
  yield* await checkInterpreters();
}

const marks = { ok: paint.green("✓"), warn: paint.yellow("!"), fail: paint.red("✗") } as const;

function show({ out }: Context, { name, level, detail, hint }: Check): void {
  out.data({
    type: "check",
    name,
    ok: level === "ok",
    level,
    detail,
    ...(hint === undefined ? {} : { hint }),
  });
  out.print(text`${marks[level]} ${pad(name, 20)} ${detail}`);
  if (hint !== undefined && level !== "ok") out.print(text`  ${paint.cyan("hint:")} ${hint}`);
}
