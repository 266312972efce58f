import { Client } from "../client/client.ts";
import { httpTransport } from "../client/transport.ts";
import type { Context } from "../context.ts";
import { requireServerUrl } from "../context.ts";
import { CliError } from "../error.ts";
import { readLogins, serverUrl, writeLogins } from "../login.ts";
import { formatTime } from "../output/format.ts";
import { paint, text } from "../output/text.ts";
import { readSecret } from "../secret-input.ts";
import type { Register } from "./command.ts";

const tokenHint = "Pipe it in, or type it when asked: benchgen login URL < token.txt";

export const registerLogin: Register = (program, run) => {
  const login = program
    .command("login")
    .argument("<url>", "a server, as its operator named it")
    .description("Point every later command at a server. Asks for the token.");
  login.action((word: string) => run(login, (context) => logIn(context, serverUrl(requireServerUrl(word)))));

  const logout = program
    .command("logout")
    .description("Forget the server and its token; commands work in this process again.");
  logout.action(() => run(logout, logOut));

  const whoami = program
    .command("whoami")
    .description("Who you are to the server, and which server that is.");
  whoami.action(() =>
    run(whoami, async (context) => {
      const { name, workspace, scope, expiresAt } = await (await context.client()).whoAmI();
      const { url } = context.target;
      context.out.data({ type: "identity", url, name, workspace, scope, expiresAt });
      const until = expiresAt === undefined ? "" : `, until ${formatTime(expiresAt)} UTC`;
      context.out.print(text`${name} in ${workspace}, ${scope}${until}, at ${url ?? "this process"}`);
      return undefined;
    }),
  );
};

async function logIn(context: Context, url: string): Promise<undefined> {
  const token = context.options.token ?? (await readSecret(`Token for ${url}: `, tokenHint));
  const client = new Client({ transport: httpTransport, url, token, signal: context.signal });
  const { name, workspace, scope } = await client.whoAmI();
  const { home } = context.target;
  const logins = readLogins(home);
  await writeLogins(home, { current: url, tokens: { ...logins.tokens, [url]: token } });
  context.out.data({ type: "login", url, name, workspace, scope });
  context.out.print(text`Logged in to ${url} as ${name} of ${workspace}, ${scope}.`);
  context.out.note(text`${paint.dim("Back to this machine: benchgen logout, or --local for one command.")}`);
  return undefined;
}

async function logOut(context: Context): Promise<undefined> {
  const { home } = context.target;
  const { current, tokens } = readLogins(home);
  if (current === undefined) {
    throw new CliError("not_logged_in", "You are not logged in to any server.", {
      hint: "Log in: benchgen login URL",
    });
  }
  const { [current]: _forgotten, ...others } = tokens;
  await writeLogins(home, { tokens: others });
  context.out.data({ type: "logout", url: current });
  context.out.print(text`Logged out of ${current}. The token still works: benchgen token revoke ends it.`);
  return undefined;
}
