import { spawn } from "node:child_process";

export interface ToolResult {
  /** Null when it could not be started or was ended by a signal. */
  readonly code: number | null;
  readonly stdout: string;
  /** What it printed to stderr, or why it could not be started. */
  readonly stderr: string;
}

export interface ToolOptions {
  readonly signal?: AbortSignal;
  /** Milliseconds, after which it is killed. Default 30 s. */
  readonly timeoutMs?: number;
  readonly environment?: NodeJS.ProcessEnv;
}

/** Bytes of each stream that are kept. */
const keptBytes = 1024 * 1024;

/** Where tools are looked for, whatever the PATH of who started us: sandboxes see only these. */
export const systemPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** Runs a tool of the system to its end. Never throws: a tool that is missing is a result as well. */
export async function runTool(argv: readonly string[], options: ToolOptions = {}): Promise<ToolResult> {
  const [file = "", ...rest] = argv;
  return await new Promise((resolve) => {
    const child = spawn(file, rest, {
      stdio: ["ignore", "pipe", "pipe"],
      env: options.environment ?? { PATH: systemPath },
      // The timeout of `spawn` itself would keep this process alive when the tool cannot be started.
      signal: AbortSignal.any([
        AbortSignal.timeout(options.timeoutMs ?? 30_000),
        ...(options.signal === undefined ? [] : [options.signal]),
      ]),
      killSignal: "SIGKILL",
    });
    let stdout = "";
    let stderr = "";
    child.stdout.on("data", (chunk: Buffer) => (stdout = (stdout + chunk.toString()).slice(-keptBytes)));
    child.stderr.on("data", (chunk: Buffer) => (stderr = (stderr + chunk.toString()).slice(-keptBytes)));
    child.on("error", (error) => {
      stderr = error.message;
      if (child.pid === undefined) resolve({ code: null, stdout, stderr });
    });
    child.on("close", (code) => resolve({ code, stdout, stderr }));
  });
}
