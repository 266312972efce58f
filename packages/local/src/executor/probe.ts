/** The executors of this machine, and whether each works. */
import { access, mkdir, mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { messageOf } from "@benchgen/core/error.ts";
import { Lazy } from "../lazy.ts";
import { createBubblewrap } from "./bubblewrap.ts";
import { type DockerExecutor, createDocker } from "./docker.ts";
import type { Availability, Executor, ExecutorName } from "./executor.ts";
import { executorNames } from "./executor.ts";
import { hostFacts, makeReachable } from "./host.ts";
import { createNamespaces } from "./namespaces.ts";
import { removeScratch } from "./scratch.ts";
import type { SandboxOptions } from "./sandbox-host.ts";

export interface ExecutorOptions {
  /** A directory of our own, which the programs' user can reach. */
  readonly directory: string;
  readonly expose: readonly string[];
  readonly ownerId: string;
  readonly workId: string;
}

/** What docker runs an environment in that names no image. */
export const defaultImage = "python:3.13-slim";

/** The executors by name, each made when it is first needed. */
export class Executors {
  readonly docker: DockerExecutor;
  readonly #options: ExecutorOptions;
  readonly #working = new Map<ExecutorName, Promise<Availability>>();
  readonly #sandbox = new Lazy(() => this.#prepare());

  constructor(options: ExecutorOptions) {
    this.#options = options;
    this.docker = createDocker({ ownerId: options.ownerId, workId: options.workId, defaultImage });
  }

  async get(name: ExecutorName): Promise<Executor> {
    if (name === "docker") return this.docker;
    const create = name === "bubblewrap" ? createBubblewrap : createNamespaces;
    return create(await this.#sandboxOptions());
  }

  async #sandboxOptions(): Promise<SandboxOptions> {
    const known = await this.#sandbox.get();
    // Root's lie in /var/tmp, where a long-lived server must expect that something tidies up.
    const there = await access(known.facts.etc).then(
      () => true,
      () => false,
    );
    if (there) return known;
    this.#sandbox.forget();
    return this.#sandbox.get();
  }

  async #prepare(): Promise<SandboxOptions> {
    const { directory, expose } = this.#options;
    await mkdir(directory, { recursive: true, mode: 0o700 });
    await makeReachable(directory);
    return { facts: await hostFacts(join(directory, "tools"), expose), scratchRoot: directory };
  }

  /** Tries an executor out. One that works is not tried again; one that does not may work by the next time. */
  async probe(name: ExecutorName): Promise<Availability> {
    const probing = this.#working.get(name) ?? this.#tryOut(name);
    this.#working.set(name, probing);
    const result = await probing;
    if (!result.available) this.#working.delete(name);
    return result;
  }

  async #tryOut(name: ExecutorName): Promise<Availability> {
    if (name !== "docker" && process.platform !== "linux") {
      return {
        available: false,
        reason: "it needs Linux",
        hint: "Install Docker Desktop, OrbStack or Colima.",
      };
    }
    try {
      return await (await this.get(name)).probe();
    } catch (error) {
      return { available: false, reason: messageOf(error) };
    }
  }
}

/**
 * Tries every executor out, for `benchgen doctor`.
 * @param expose as of the launcher
 */
export async function probeAll(
  expose: readonly string[] = [],
): Promise<(Availability & { readonly name: ExecutorName })[]> {
  const directory = await mkdtemp(join(tmpdir(), "benchgen-probe-"));
  try {
    await makeReachable(directory);
    const executors = new Executors({ directory, expose, ownerId: "probe", workId: "probe" });
    return await Promise.all(executorNames.map(async (name) => ({ name, ...(await executors.probe(name)) })));
  } finally {
    await removeScratch(directory);
  }
}
