import type { Context } from "../context.ts";
import { type ExitCode, exitCode } from "../error.ts";
import { checkBundle } from "../file/local-bundle.ts";
import { renderFinding, summarizeFindings } from "../output/finding.ts";
import { paint, text } from "../output/text.ts";
import type { Register } from "./command.ts";

export const registerValidate: Register = (program, run) => {
  const command = program
    .command("validate")
    .argument("<path>", "bundle: a directory or a zip")
    .description(
      "Check a bundle and show everything that is wrong with it. Needs no server and runs none of its code.",
    );
  command.action((path: string) => run(command, async (context) => validate(context, path)));
};

async function validate({ out }: Context, path: string): Promise<ExitCode> {
  const { valid, findings, sourceLine } = await checkBundle(path);
  out.data({ valid, findings });
  for (const finding of findings) out.print(await renderFinding(finding, sourceLine));
  const summary = summarizeFindings(findings);
  if (valid) {
    out.print(text`${paint.green("valid")} ${path}${summary === undefined ? "" : text` (${summary})`}`);
  } else {
    out.print(text`${paint.red("invalid")} ${path}: ${summary ?? ""}`);
  }
  return valid ? exitCode.done : exitCode.failed;
}
