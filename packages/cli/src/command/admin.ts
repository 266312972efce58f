import { type Scope, scopes } from "@benchgen/core/wire/api.ts";
import { Option } from "commander";
import type * as Administration from "../admin/issue-token.ts";
import type { Context } from "../context.ts";
import { CliError } from "../error.ts";
import { participantName, slugName, tokenDays } from "../option.ts";
import { formatTime } from "../output/format.ts";
import { paint, text } from "../output/text.ts";
import type { Register } from "./command.ts";
import { pruneCommand } from "./prune.ts";

interface TokenOptions {
  readonly stage: string;
  readonly region?: string;
  readonly workspace: string;
  readonly name: string;
  readonly scope: Scope;
  readonly days: number;
}

export const registerAdmin: Register = (program, run) => {
  const group = program
    .command("admin")
    .description("Administer a deployment on AWS, with AWS's own credentials, or a data directory.");
  pruneCommand(group.command("prune"), run);
  const token = group
    .command("token")
    .description("Make a token in a deployment: the first one, or one in place of a lost one.")
    .requiredOption("--stage <stage>", "as given to sst deploy")
    .option("--region <region>", "where it is deployed (default: AWS_REGION)")
    .option("--workspace <workspace>", "the team it belongs to", slugName, "main")
    .option("--name <name>", "the person it speaks for", participantName, "admin")
    .addOption(new Option("--scope <scope>", "what it may do").choices(scopes).default("admin"))
    .option("--days <n>", "until it expires", tokenDays, 365);
  token.action((options: TokenOptions) => run(token, (context) => makeToken(context, options)));
};

async function makeToken(context: Context, options: TokenOptions): Promise<undefined> {
  const region =
    options.region ?? context.environment["AWS_REGION"] ?? context.environment["AWS_DEFAULT_REGION"];
  if (region === undefined || region === "") {
    throw new CliError("region_missing", "It is not said which region the deployment is in.", {
      hint: "Say it: --region eu-central-1, or set AWS_REGION",
    });
  }
  const { issueToken } = await loadAdministration();
  const { deployment, token, secret } = await issueToken({ ...options, region });
  context.out.data({ type: "token", ...token, secret, url: deployment.apiUrl });
  context.out.print(text`${secret}`);
  const { id, name, workspace, scope, expiresAt } = token;
  context.out.note(
    text`${paint.dim(`${id} for ${name} in ${workspace}, ${scope}, until ${formatTime(expiresAt)} UTC.`)}\nIt is not shown again. Use it: benchgen login ${deployment.apiUrl}`,
  );
  return undefined;
}

/** AWS's clients are no part of an installation for one machine. */
async function loadAdministration(): Promise<typeof Administration> {
  try {
    return await import("../admin/issue-token.ts");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ERR_MODULE_NOT_FOUND") throw error;
    throw new CliError("aws_missing", "AWS's libraries are not installed here.", {
      hint: "Install them in the clone you deploy from: npm ci",
      cause: error,
    });
  }
}
