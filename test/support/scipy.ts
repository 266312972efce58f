import { execFileSync, spawnSync } from "node:child_process";

/** A Python that has SciPy: Debian's, or whichever comes first on the path. */
export const pythonWithScipy = ["/usr/bin/python3", "python3"].find(
  (python) => spawnSync(python, ["-c", "import numpy, scipy"]).status === 0,
);

/** Runs a program that reads JSON on stdin and prints JSON. */
export function askPython(python: string, program: string, input: unknown): unknown {
  const output = execFileSync(python, ["-c", program], { input: JSON.stringify(input), encoding: "utf8" });
  return JSON.parse(output);
}
