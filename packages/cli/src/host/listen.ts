import type { AddressInfo, Server } from "node:net";
import { CliError, exitCode } from "../error.ts";

export interface Address {
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
}

/**
 * Binds a server to an address of this machine.
 * @returns the port it has
 * @throws CliError when the port is taken or may not be used, or the address is none of this machine's
 */
export function listen(
  server: Pick<Server, "once" | "listen" | "address">,
  { host, port }: Address,
): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => reject(listenError(error, { host, port })));
    server.listen(port, host, () => resolve((server.address() as AddressInfo).port));
  });
}

function listenError(error: NodeJS.ErrnoException, address: Address): CliError {
  const options = { exit: exitCode.failed, cause: error };
  const known = problems[error.code ?? ""];
  if (known !== undefined) {
    return new CliError(known.code, known.message(address), { ...options, hint: known.hint });
  }
  const { host, port } = address;
  return new CliError("listen_failed", `Cannot listen on ${host} port ${port}: ${error.message}`, options);
}

interface ListenProblem {
  readonly code: string;
  readonly message: (address: Address) => string;
  readonly hint: string;
}

const noSuchAddress: ListenProblem = {
  code: "host_unknown",
  message: ({ host }) => `${host} is not an address of this machine.`,
  hint: "Use 127.0.0.1, or 0.0.0.0 for all addresses.",
};

const problems: Readonly<Record<string, ListenProblem>> = {
  EADDRINUSE: {
    code: "port_occupied",
    message: ({ host, port }) => `Port ${port} on ${host} is in use by another program.`,
    hint: "Take another with --port, or any that is free: --port 0",
  },
  EACCES: {
    code: "port_refused",
    message: ({ port }) => `You may not listen on port ${port}.`,
    hint: "Ports below 1024 are reserved; take another with --port.",
  },
  EADDRNOTAVAIL: noSuchAddress,
  ENOTFOUND: noSuchAddress,
};
