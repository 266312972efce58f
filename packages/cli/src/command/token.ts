import { type Scope, type Token, scopes } from "@benchgen/core/wire/api.ts";
import { Option } from "commander";
import { everyItem } from "../client/client.ts";
import { participantName, tokenDays } from "../option.ts";
import { formatTime } from "../output/format.ts";
import { table } from "../output/table.ts";
import { paint, text } from "../output/text.ts";
import { requireTokenId } from "../reference.ts";
import type { Register, Run } from "./command.ts";

export const registerToken: Register = (program, run) => {
  const group = program
    .command("token")
    .description("Make, list and revoke tokens, by which a server knows who is asking.");
  createCommand(group.command("create"), run);
  listCommand(group.command("list"), run);
  const revoke = group
    .command("revoke")
    .argument("<id>", "tok_…")
    .description("Make a token useless from now on.");
  revoke.action((word: string) =>
    run(revoke, async (context) => {
      const id = requireTokenId(word);
      await (await context.client()).revokeToken(id);
      context.out.data({ type: "revoked", token: id });
      context.out.print(text`Revoked ${id}`);
      return undefined;
    }),
  );
};

type Group = Parameters<Register>[0];

function createCommand(command: Group, run: Run): void {
  command
    .argument("<name>", "the participant it speaks for", participantName)
    .description("Make a token. Its secret is shown once, here.")
    .addOption(
      new Option("--scope <scope>", "what it may do; each includes the ones before it")
        .choices(scopes)
        .default("submit"),
    )
    .option("--days <n>", "until it expires", tokenDays, 365);
  command.action((name: string, { scope, days }: { scope: Scope; days: number }) =>
    run(command, async (context) => {
      const client = await context.client();
      const { token, secret } = await client.createToken({ name, scope, expiresInDays: days });
      context.out.data({ type: "token", ...token, secret });
      context.out.print(text`${secret}`);
      context.out.note(
        text`${paint.dim(`${token.id} for ${token.name}, ${token.scope}, until ${formatTime(token.expiresAt)} UTC.`)}\nIt is not shown again. Use it: BENCHGEN_TOKEN=… benchgen --url URL env list`,
      );
      return undefined;
    }),
  );
}

function listCommand(command: Group, run: Run): void {
  command.description("List the tokens that still work, without their secrets.").action(() =>
    run(command, async (context) => {
      const client = await context.client();
      const tokens: Token[] = [];
      for await (const token of everyItem(client.listTokens)) tokens.push(token);
      for (const token of tokens) context.out.data({ type: "token", ...token });
      if (tokens.length === 0)
        context.out.note(text`There is no token yet. Make one: benchgen token create NAME`);
      else {
        context.out.print(
          table(
            ["TOKEN", "NAME", "SCOPE", "CREATED (UTC)", "EXPIRES (UTC)"].map((title) => ({ title })),
            tokens.map(({ id, name, scope, createdAt, expiresAt }) => [
              id,
              name,
              scope,
              formatTime(createdAt),
              formatTime(expiresAt),
            ]),
          ),
        );
      }
      return undefined;
    }),
  );
}
