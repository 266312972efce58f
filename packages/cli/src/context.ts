/** What every command is given. */
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { Client } from "./client/client.ts";
import { httpTransport } from "./client/transport.ts";
import { CliError, Interrupted } from "./error.ts";
import { makePrivateDirectory } from "./file/directory.ts";
import { type ExecutionOptions, executionOptions, requireNoExecutionOptions } from "./execution.ts";
import type { Host } from "./host/host.ts";
import { readLogins, serverUrl } from "./login.ts";
import { Memory } from "./memory.ts";
import type { Output } from "./output/output.ts";

export interface GlobalOptions extends ExecutionOptions {
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly color?: boolean;
  readonly home?: string;
  readonly url?: string;
  readonly token?: string;
  /** Work in this process, although a server is remembered or named in the environment. */
  readonly local?: boolean;
}

/** Where the API is: a server, or this process on a data directory. */
export interface Target {
  readonly url: string | undefined;
  readonly token: string | undefined;
  /** The data directory; absolute. */
  readonly home: string;
}

export function resolveTarget(
  options: GlobalOptions,
  environment: Readonly<Record<string, string | undefined>>,
): Target {
  const home = resolve(
    options.home ?? nonEmpty(environment["BENCHGEN_HOME"]) ?? join(homedir(), ".benchgen"),
  );
  if (options.local === true) return { url: undefined, token: undefined, home };
  const logins = readLogins(home);
  const url = options.url ?? nonEmpty(environment["BENCHGEN_URL"]) ?? logins.current;
  if (url !== undefined) requireServerUrl(url);
  const remembered = url === undefined ? undefined : logins.tokens[serverUrl(url)];
  const token = options.token ?? nonEmpty(environment["BENCHGEN_TOKEN"]) ?? remembered;
  if (token !== undefined && !/^[!-~]+$/.test(token)) {
    throw new CliError(
      "token_invalid",
      "The token has characters that no token has: a space or a line end, perhaps.",
      {
        hint: "Copy it again into --token or BENCHGEN_TOKEN. An administrator makes one with: benchgen token create NAME",
      },
    );
  }
  return { url, token, home };
}

/** @throws CliError `url_invalid` */
export function requireServerUrl(url: string): string {
  if (URL.canParse(url) && /^https?:$/.test(new URL(url).protocol)) return url;
  throw new CliError("url_invalid", `"${url}" is not the URL of a server.`, {
    hint: "Write it in full: http://127.0.0.1:7331",
  });
}

function nonEmpty(value: string | undefined): string | undefined {
  return value === "" ? undefined : value;
}

export interface Connection {
  readonly client: Client;
  /** The API in this very process, which then owns the runs it starts; undefined when it is a server. */
  readonly host: Host | undefined;
}

export class Context {
  readonly out: Output;
  readonly options: GlobalOptions;
  readonly target: Target;
  readonly memory: Memory;
  /** Aborted when the command is asked to end. */
  readonly signal: AbortSignal;
  readonly environment: Readonly<Record<string, string | undefined>>;
  #connection: Promise<Connection> | undefined;
  readonly #cleanups: (() => Promise<void>)[] = [];

  constructor(given: {
    out: Output;
    options: GlobalOptions;
    signal: AbortSignal;
    environment: Readonly<Record<string, string | undefined>>;
  }) {
    this.out = given.out;
    this.options = given.options;
    this.signal = given.signal;
    this.environment = given.environment;
    this.target = resolveTarget(given.options, given.environment);
    this.memory = new Memory(this.target.home, this.target);
  }

  /** The API, opened when first asked for. */
  connect(): Promise<Connection> {
    return (this.#connection ??= this.#open());
  }

  async client(): Promise<Client> {
    return (await this.connect()).client;
  }

  /** Runs when the command ends, however it ends; the last one added first. */
  onEnd(cleanup: () => Promise<void>): void {
    this.#cleanups.unshift(cleanup);
  }

  /** Runs every cleanup, whatever becomes of the others. @throws what the first to fail threw */
  async end(): Promise<void> {
    const failures: unknown[] = [];
    for (const cleanup of this.#cleanups.splice(0)) {
      await cleanup().catch((error: unknown) => failures.push(error));
    }
    if (failures.length > 0) throw failures[0];
  }

  /** @throws Interrupted once the command was asked to end */
  checkInterrupted(): void {
    if (this.signal.aborted) throw new Interrupted();
  }

  async #open(): Promise<Connection> {
    const { url, token, home } = this.target;
    if (url !== undefined) {
      requireNoExecutionOptions(this.options);
      return {
        client: new Client({ transport: httpTransport, url, token, signal: this.signal }),
        host: undefined,
      };
    }
    await makePrivateDirectory(home);
    // Loaded only when there is no server: opening the store and the engine costs every other command its time.
    const { openHost, inProcessUrl } = await import("./host/host.ts");
    const host = await openHost({ dir: home, ...executionOptions(this.options, this.environment) }, this.out);
    this.onEnd(() => host.close());
    // Not the command's own signal: what was begun in process is ended in order, not cut off.
    const signal = new AbortController().signal;
    return {
      client: new Client({ transport: host.transport, url: inProcessUrl, token: undefined, signal }),
      host,
    };
  }
}
