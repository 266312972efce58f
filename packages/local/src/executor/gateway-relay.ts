/**
 * Runs inside a sandbox, in front of the program: what the program sends to its own loopback reaches the gateway's
 * socket, and nothing else. Then it is the program, as far as exit codes go. Copied into the sandbox as it is, so it
 * imports nothing but Node; a program that tampers with it cuts itself off. Without a command it says that it listens,
 * and goes on until it is ended.
 *
 * usage: node gateway-relay.mts SOCKET PORT [-- COMMAND…]
 */
import { spawn } from "node:child_process";
import { connect, createServer } from "node:net";
import { constants } from "node:os";

const [socket = "", port = "", , file, ...words] = process.argv.slice(2);

const server = createServer((client) => {
  const gateway = connect(socket);
  client.pipe(gateway).pipe(client);
  // Either end may break off; the other is told by the end of its stream.
  client.on("error", () => gateway.destroy());
  gateway.on("error", () => client.destroy());
  client.on("close", () => gateway.destroy());
  gateway.on("close", () => client.destroy());
});

server.on("error", (error) => {
  process.stderr.write(`benchgen: the gateway cannot be reached: ${error.message}\n`);
  process.exit(126);
});

server.listen(Number(port), "127.0.0.1", () => {
  if (file === undefined) {
    process.stdout.write("ready\n");
    return;
  }
  const child = spawn(file, words, { stdio: "inherit" });
  child.on("error", (error: NodeJS.ErrnoException) => {
    process.stderr.write(`${file}: ${error.message}\n`);
    process.exit(error.code === "ENOENT" ? 127 : 126);
  });
  // As a shell says that a signal ended it.
  child.on("exit", (code, signal) => process.exit(code ?? 128 + constants.signals[signal ?? "SIGKILL"]));
});
