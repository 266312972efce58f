import { programDirectory } from "@benchgen/core/job/layout.ts";
import {
  type SandboxCommand,
  argumentsFd,
  limited,
  programEnvironment,
  sharedMemoryMb,
  statusFd,
} from "./sandbox-command.ts";
import { innerUser } from "./view.ts";

/**
 * How a program is started in bubblewrap (0.8 or later). Namespaces of its own for everything, no capability, no way to
 * make further user namespaces, an empty root that ends up read-only, and the tree dies with whoever started it.
 * @returns the words of the command line, and the arguments it reads from `argumentsFd`, each ended by a NUL:
 *   a program can read its pid 1's command line, which is to say nothing about this machine
 */
export function bubblewrapCommand(command: SandboxCommand): { argv: string[]; hidden: string } {
  const { view } = command;
  const hidden = [
    "--unshare-all",
    ...(command.network === "open" ? ["--share-net"] : []),
    "--unshare-user",
    "--disable-userns",
    "--die-with-parent",
    "--new-session",
    "--cap-drop",
    "ALL",
    "--uid",
    String(innerUser.uid),
    "--gid",
    String(innerUser.gid),
    "--hostname",
    "benchgen",
    "--clearenv",
    ...Object.entries(programEnvironment(command)).flatMap(([name, value]) => ["--setenv", name, value]),
    ...view.readOnly.flatMap(({ source, path }) => ["--ro-bind", source, path]),
    ...view.links.flatMap(({ path, target }) => ["--symlink", target, path]),
    "--proc",
    "/proc",
    "--dev",
    "/dev",
    "--size",
    String(sharedMemoryMb(command.limits) * 1024 ** 2),
    "--perms",
    "1777",
    "--tmpfs",
    "/dev/shm",
    // Both are memory that no limit covers.
    "--remount-ro",
    "/dev",
    ...view.writable.flatMap(({ source, path }) => ["--bind", source, path]),
    "--remount-ro",
    "/",
    "--chdir",
    programDirectory,
  ];
  return {
    argv: [
      "bwrap",
      "--args",
      String(argumentsFd),
      "--json-status-fd",
      String(statusFd),
      "--",
      ...limited(command),
    ],
    hidden: hidden.map((word) => `${word}\0`).join(""),
  };
}
