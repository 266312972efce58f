import { delimiter, join } from "node:path";
import { parseExpose } from "@benchgen/local/executor/host.ts";
import { runTool, systemPath } from "@benchgen/local/executor/tool.ts";

/** The version of an interpreter that sandboxed programs find, `3.11.7`; undefined where they find none. */
export async function interpreterVersion(name: string): Promise<string | undefined> {
  const exposed = parseExpose(process.env["BENCHGEN_EXPOSE"]).map((path) => join(path, "bin"));
  const environment = { PATH: [...exposed, systemPath].join(delimiter) };
  const { code, stdout } = await runTool([name, "--version"], { environment, timeoutMs: 10_000 });
  return code === 0 ? /\d+(\.\d+)+/.exec(stdout)?.[0] : undefined;
}
