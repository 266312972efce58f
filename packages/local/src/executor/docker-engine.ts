/** The docker engine of this machine: how its client is started, whether it answers, which images it has. */
import { PlatformFault } from "@benchgen/core/error.ts";
import type { StageExit } from "@benchgen/runner/exit.ts";
import type { Availability } from "./executor.ts";
import { type ToolResult, systemPath } from "./tool.ts";

/** Runs the client with these words. */
export type Docker = (words: readonly string[], signal?: AbortSignal) => Promise<ToolResult>;

/** Whether the engine answers, and what to do when it does not. */
export async function probeEngine(docker: Docker): Promise<Availability> {
  const { code, stdout, stderr } = await docker(["version", "--format={{.Server.Version}}"]);
  if (code === 0) return { available: true, version: stdout.trim() };
  if (code === null) {
    return { available: false, reason: "docker is not installed", hint: installHint() };
  }
  const reason = stderr.trim().split("\n").at(-1) ?? "";
  return { available: false, reason: `the docker engine does not answer: ${reason}`, hint: startHint() };
}

/**
 * The end of a program whose image is not there; undefined when it is.
 * @throws PlatformFault `docker_failed`
 */
export async function missingImage(
  image: string | undefined,
  docker: Docker,
): Promise<Omit<StageExit, "name"> | undefined> {
  const exit = { exitCode: null, elapsedSeconds: 0, cause: "image_not_found" as const };
  if (image === undefined) {
    return { ...exit, detail: "The environment names no docker_image, and docker needs one." };
  }
  const { code, stderr } = await docker(["image", "inspect", "--format={{.Id}}", "--", image]);
  if (code === 0) return undefined;
  if (!/no such image/i.test(stderr))
    throw new PlatformFault("docker_failed", `Docker failed: ${stderr.trim()}.`);
  return { ...exit, detail: `The image ${image} is not on this machine. Type: docker pull ${image}` };
}

/** What the docker client needs to find its engine, and nothing else. */
export function dockerEnvironment(): NodeJS.ProcessEnv {
  const names = Object.keys(process.env).filter((name) => /^(DOCKER_|HOME$|XDG_RUNTIME_DIR$)/.test(name));
  const path = `${process.env["PATH"] ?? ""}:${systemPath}`;
  return { ...Object.fromEntries(names.map((name) => [name, process.env[name]])), PATH: path };
}

function installHint(): string {
  return process.platform === "linux"
    ? "Install it: apt install docker.io, or see docs.docker.com/engine/install."
    : "Install Docker Desktop, OrbStack or Colima, and start it.";
}

function startHint(): string {
  return process.platform === "linux"
    ? "Start it: sudo systemctl start docker. To use it without sudo: sudo usermod -aG docker $USER, and log in again."
    : "Start Docker Desktop, OrbStack or Colima.";
}
