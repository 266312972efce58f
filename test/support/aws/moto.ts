import { join } from "node:path";
import { cached, run, startServer } from "./stand-in.ts";
import type { StandIn } from "./stand-in.ts";

const version = "5.2.5";

/** Moto's server: AWS's API without AWS's checks. Needs Python 3 and, the first time, a package index. */
export async function startMoto(): Promise<StandIn> {
  const directory = await cached(`moto-${version}`, install);
  return startServer((port) => ({
    command: join(directory, "venv", "bin", "python3"),
    args: ["-m", "moto.server", "-H", "127.0.0.1", "-p", String(port)],
  }));
}

async function install(directory: string): Promise<void> {
  const environment = join(directory, "venv");
  await run("python3", ["-m", "venv", environment]);
  // As a module: the environment is moved to its place afterwards, and scripts in it would still point here.
  const pip = join(environment, "bin", "python3");
  await run(pip, ["-m", "pip", "install", "--quiet", "--retries=1", `moto[server]==${version}`]);
}
