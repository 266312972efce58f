import { bubblewrapCommand } from "./bubblewrap-command.ts";
import type { Availability, Executor } from "./executor.ts";
import { type SandboxOptions, droppedTo, sandboxCommand, tryOut } from "./sandbox-host.ts";
import { type SandboxMaker, runInSandboxes } from "./sandbox.ts";
import { argumentsFd } from "./sandbox-command.ts";
import { runTool } from "./tool.ts";

const hint = "Install it: apt install bubblewrap (Debian, Ubuntu), dnf install bubblewrap (Fedora).";

/** Programs in bubblewrap: no daemon, no privileges, about ten milliseconds. */
export function createBubblewrap(options: SandboxOptions): Executor {
  const make: SandboxMaker = (execution, program) => {
    const { argv, hidden } = bubblewrapCommand(sandboxCommand(options.facts, execution, program));
    return { argv: [...droppedTo(), ...argv], hidden: { fd: argumentsFd, text: hidden } };
  };
  return {
    name: "bubblewrap",
    run: (execution, hooks) => runInSandboxes(execution, hooks, make),
    async probe(): Promise<Availability> {
      const { code, stdout } = await runTool(["bwrap", "--version"]);
      if (code !== 0) return { available: false, reason: "bubblewrap (bwrap) is not installed", hint };
      const version = stdout.trim().replace(/^bubblewrap /, "");
      const [major = 0, minor = 0] = version.split(".").map(Number);
      if (major === 0 && minor < 8) {
        return { available: false, version, reason: `bubblewrap ${version} is too old: 0.8 is needed`, hint };
      }
      return { ...(await tryOut(options, make)), version };
    },
  };
}
