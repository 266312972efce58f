import { shellWord } from "@benchgen/core/shell-word.ts";
import type { EnvironmentVersion } from "@benchgen/core/wire/api.ts";
import type { Context } from "../context.ts";
import { type ExitCode, exitCode } from "../error.ts";
import { addExecutionOptions } from "../execution.ts";
import { requireValidBundle } from "../file/local-bundle.ts";
import { packageOf } from "../file/package.ts";
import { upload } from "../file/upload.ts";
import { slugName } from "../option.ts";
import { paint, text } from "../output/text.ts";
import { followVerification } from "../run/verification.ts";
import type { Register } from "./command.ts";

interface PushOptions {
  readonly name?: string;
  readonly forcePublish?: boolean;
}

export const registerPush: Register = (program, run) => {
  const command = addExecutionOptions(program.command("push"))
    .argument("<path>", "bundle: a directory or a zip")
    .description("Publish an environment, or a new version of one, after running its solutions.")
    .option("--name <name>", "environment to make or to add a version to (default: from the title)", slugName)
    .option("--force-publish", "publish although a solution fails; this is recorded and shown");
  command.action((path: string, options: PushOptions) =>
    run(command, async (context) => push(context, path, options)),
  );
};

async function push(context: Context, path: string, options: PushOptions): Promise<ExitCode> {
  await requireValidBundle(context, path);
  const file = await packageOf(context, path);
  const environment = options.name === undefined ? {} : { environment: options.name };
  const { result } = await upload(context, file, { kind: "bundle", purpose: "publish", ...environment });
  if (result === undefined) throw new Error("an accepted bundle has no result");
  await context.memory.remember({ environment: result.environment });
  if (result.unchanged) {
    context.out.note(text`The content equals that of version ${result.version}; no new version was made.`);
  }
  const client = await context.client();
  const stored = await client.getVersion(result.environmentId, result.version);
  let version = await followVerification(context, stored, {
    begun: (solution) =>
      context.out.note(text`Running solution ${solution} to verify version ${stored.number}`),
  });
  if (version.status === "held" && options.forcePublish === true) {
    version = await client.forcePublish(result.environmentId, result.version);
  }
  context.out.data({
    type: "version",
    environment: version.environment,
    environmentId: version.environmentId,
    version: version.number,
    status: version.status,
    unchanged: result.unchanged,
    ...(version.heldBecause === undefined ? {} : { heldBecause: version.heldBecause }),
    verifications: version.verifications,
  });
  return tell(context, version, path);
}

function tell({ out }: Context, version: EnvironmentVersion, path: string): ExitCode {
  const name = `${version.environment}@${version.number}`;
  if (version.status === "published") {
    const how = version.forced === undefined ? "" : " although a solution failed";
    out.print(text`${paint.green("published")} ${paint.bold(name)} ${version.title}${how}`);
    out.note(text`Try it: benchgen run ${version.environment} --submission PATH (or --model NAME)`);
    return exitCode.done;
  }
  out.complain(
    text`${paint.red("held back")} ${paint.bold(name)}: ${version.heldBecause ?? "a solution failed"}`,
  );
  const failed = version.verifications.find(({ status }) => status !== "succeeded");
  if (failed !== undefined)
    out.complain(text`  See why: benchgen results ${failed.runId} — and: benchgen logs ${failed.runId}`);
  out.complain(
    text`  Correct the bundle and push again, or publish it all the same: benchgen push ${shellWord(path)} --force-publish`,
  );
  return exitCode.failed;
}
