/** Reading a secret: never from the command line, where other users of the machine and the shell's history see it. */
import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";
import { CliError, Interrupted } from "./error.ts";

/** Longer than any token or key there is. */
const maxLength = 8192;

/**
 * One line: typed without being shown where stdin is a terminal, else the first line that is piped in.
 * @param question shown at the terminal
 * @param hint what to type when nothing comes
 * @throws CliError `secret_missing`, `secret_too_long`; Interrupted on Ctrl-C
 */
export async function readSecret(question: string, hint: string, input = process.stdin): Promise<string> {
  const terminal = input.isTTY;
  if (terminal) process.stderr.write(question);
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input, output: silent, terminal });
  try {
    const interrupted = new Promise<never>((_resolve, reject) => {
      lines.once("SIGINT", () => reject(new Interrupted()));
    });
    const line = await Promise.race([firstLine(lines), interrupted]);
    if (line === "") throw new CliError("secret_missing", "No secret was given.", { hint });
    if (line.length > maxLength) {
      const message = `What was given has ${line.length} characters; no secret is longer than ${maxLength}.`;
      throw new CliError("secret_too_long", message, { hint });
    }
    return line;
  } finally {
    lines.close();
    if (terminal) process.stderr.write("\n");
  }
}

async function firstLine(lines: AsyncIterable<string>): Promise<string> {
  for await (const line of lines) return line.trim();
  return "";
}
