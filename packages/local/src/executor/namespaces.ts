import { readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { volumeName } from "@benchgen/core/job/container.ts";
import type { Availability, Executor } from "./executor.ts";
import { isNoExec } from "./mount-table.ts";
import { namespacesScript } from "./namespaces-script.ts";
import { type SandboxOptions, droppedTo, sandboxCommand, tryOut } from "./sandbox-host.ts";
import { type SandboxMaker, runInSandboxes } from "./sandbox.ts";
import { runTool } from "./tool.ts";

const hint =
  "Install util-linux 2.38 or later (it is part of Debian 12 and Ubuntu 24.04), or bubblewrap, or Docker.";

/** Programs in namespaces made by util-linux alone, which needs no installation on Debian and Ubuntu. */
export function createNamespaces(options: SandboxOptions): Executor {
  const make: SandboxMaker = (execution, program) => {
    const command = sandboxCommand(options.facts, execution, program);
    const mounts = readFileSync("/proc/self/mountinfo", "utf8");
    // Each program builds its root on a directory of its own, which it never sees.
    const scratch = join(execution.root, volumeName.control(program.name));
    return {
      argv: [
        ...droppedTo("--pdeathsig=KILL"),
        "unshare",
        "--user",
        "--map-root-user",
        "--mount",
        "--pid",
        "--fork",
        "--ipc",
        "--uts",
        "--cgroup",
        ...(command.network === "open" ? [] : ["--net"]),
        "--kill-child=KILL",
        "sh",
        "-s",
        readlinkSync("/proc/self/ns/mnt"),
      ],
      hidden: { fd: 0, text: namespacesScript(command, scratch, (path) => isNoExec(mounts, path)) },
    };
  };
  return {
    name: "namespaces",
    run: (execution, hooks) => runInSandboxes(execution, hooks, make),
    async probe(): Promise<Availability> {
      const { code, stdout } = await runTool(["unshare", "--version"]);
      if (code !== 0) return { available: false, reason: "util-linux (unshare) is not here", hint };
      const version = /[\d.]+\d/.exec(stdout)?.[0] ?? stdout.trim();
      const tried = await tryOut(options, make);
      return tried.available ? { ...tried, version } : { ...tried, version, hint: tried.hint ?? hint };
    },
  };
}
