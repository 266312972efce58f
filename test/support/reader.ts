/**
 * A Python environment with the packages that read what is exported: Inspect's whole, and of verifiers the part that says
 * what a saved rollout is, which needs nothing but pydantic. Made once, outside the repository.
 */
import { join } from "node:path";
import { cached, run } from "./aws/stand-in.ts";

const inspect = "inspect_ai==0.3.285";
/** The last version before rollouts became episodes, and the format of what `vf-eval` saves. */
const verifiers = "verifiers==0.1.14";

/** @returns the environment's Python @throws where there is no Python or no package index */
export async function pythonWithReaders(): Promise<string> {
  const directory = await cached(`readers-${inspect}-${verifiers}`, async (unfinished) => {
    const environment = join(unfinished, "venv");
    await run("python3", ["-m", "venv", environment]);
    // As a module: the environment is moved to its place afterwards, and scripts in it would still point here.
    const install = ["-m", "pip", "install", "--quiet", "--retries=1"];
    const python = join(environment, "bin", "python3");
    await run(python, [...install, inspect]);
    await run(python, [...install, "--no-deps", verifiers]);
  });
  return join(directory, "venv", "bin", "python3");
}
