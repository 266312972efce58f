import { availableParallelism, totalmem } from "node:os";
import type { Availability, ExecutorName } from "@benchgen/local/executor/executor.ts";
import { formatBytes } from "../output/format.ts";
import { interpreterVersion } from "../interpreter.ts";
import type { Check } from "./check.ts";

/** One line per executor, and one that says whether anything can run at all. */
export function checkExecutors(probes: readonly (Availability & { readonly name: ExecutorName })[]): Check[] {
  const lines = probes.map(({ name, available, reason, hint, version }): Check =>
    available
      ? { name: `executor ${name}`, level: "ok", detail: version ?? "works" }
      : { name: `executor ${name}`, level: "warn", detail: reason ?? "does not work here", hint },
  );
  const best = probes.find(({ available }) => available);
  const summary: Check =
    best === undefined
      ? {
          name: "running programs",
          level: "fail",
          detail: "nothing on this machine can run programs safely",
          hint:
            process.platform === "linux"
              ? "Install bubblewrap: sudo apt-get install bubblewrap"
              : "Install Docker and start it: https://docs.docker.com/get-docker/",
        }
      : {
          name: "running programs",
          level: "ok",
          detail: `with ${best.name}, on ${availableParallelism()} CPUs and ${formatBytes(totalmem())} of memory`,
        };
  return [...lines, summary];
}

/** What programs that run without a container image find. */
export async function checkInterpreters(): Promise<Check[]> {
  const python = await interpreterVersion("python3");
  return [
    python === undefined
      ? {
          name: "python3",
          level: "warn",
          detail: "not there for programs: they see /usr/local/bin, /usr/bin and /bin",
          hint: "Install it: sudo apt-get install python3 — or name its directory: BENCHGEN_EXPOSE=/opt/venv",
        }
      : { name: "python3", level: "ok", detail: `${python}, for programs without a container image` },
    {
      name: "node inside",
      level: "ok",
      detail: `${process.versions.node}, for programs without a container image`,
    },
  ];
}
