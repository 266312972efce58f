/** What of the host a sandboxed program sees: pure, from facts about the host. */
import type { ContainerMount } from "@benchgen/core/job/container.ts";
import { programMounts } from "@benchgen/core/job/container.ts";
import type { NetworkMode, ProgramName } from "@benchgen/core/wire/job.ts";

/** What was found on this machine. */
export interface HostFacts {
  /** System directories that exist, and what those that are links point at. */
  readonly system: readonly { readonly path: string; readonly link?: string }[];
  /** A directory of our own that stands for `/etc`. */
  readonly etc: string;
  /** What is seen of the machine's `/etc`, of what exists. */
  readonly visibleEtc: readonly { readonly name: string; readonly kind: "file" | "directory" }[];
  /** The same, seen only with an open network. */
  readonly networkEtc: HostFacts["visibleEtc"];
  /** The Node that runs us, at a path the programs' user can reach. */
  readonly node: string;
  /** What runs in front of a program that may call a model, at a path the programs' user can reach. */
  readonly gatewayRelay: string;
  /** Where `python3` is, when there is no `python`. */
  readonly pythonFallback?: string;
  /** Read-only toolchains outside `/usr`, and their directories of programs. */
  readonly exposed: readonly { readonly path: string; readonly bin: string }[];
}

/** The file system of one program. Later entries may lie below earlier ones, never above. */
export interface SandboxView {
  readonly readOnly: readonly {
    readonly source: string;
    readonly path: string;
    readonly kind: "file" | "directory";
  }[];
  readonly links: readonly { readonly path: string; readonly target: string }[];
  readonly writable: readonly { readonly source: string; readonly path: string }[];
  readonly searchPath: string;
}

/** Every directory programs and libraries come from on a Linux system. */
export const systemDirectories = ["/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"] as const;

/**
 * Of `/etc`, what the dynamic linker, time zones, TLS, alternatives and the toolchains in `/usr` need: a distribution
 * keeps parts of matplotlib, R and Java there. Nothing that tells who works here. A `*` at the end stands for a version.
 */
export const visibleEtc = [
  "ld.so.cache",
  "ld.so.conf",
  "ld.so.conf.d",
  "alternatives",
  "localtime",
  "timezone",
  "ssl/certs",
  "ssl/openssl.cnf",
  "pki",
  "ca-certificates",
  "mime.types",
  "protocols",
  "services",
  "fonts",
  "matplotlibrc",
  "R/ldpaths",
  "R/Renviron",
  "R/Makeconf",
  "java-*",
  "ImageMagick-*",
  "OpenCL",
] as const;

/** The names those of `/etc` stand for, given what is there. */
export function etcNames(patterns: readonly string[], there: readonly string[]): string[] {
  return patterns.flatMap((pattern) =>
    pattern.endsWith("*") ? there.filter((name) => name.startsWith(pattern.slice(0, -1))) : [pattern],
  );
}

/** Empty unless the network is open. */
export const networkEtc = ["resolv.conf", "nsswitch.conf", "host.conf"] as const;

const ownDirectory = "/run/benchgen";

/** As a program with a model finds them. */
export const relayPaths = {
  node: `${ownDirectory}/node`,
  script: `${ownDirectory}/gateway-relay.mts`,
  socket: `${ownDirectory}/gateway.sock`,
} as const;

/** Inside, whoever started us appears as this user. */
export const innerUser = { uid: 1000, gid: 1000 } as const;

/**
 * What one program sees.
 * @param root the job's volumes
 */
export function sandboxView(
  facts: HostFacts,
  job: { root: string; program: ProgramName; network: NetworkMode; gatewaySocket?: string | undefined },
): SandboxView {
  const bin = `${ownDirectory}/bin`;
  return {
    readOnly: [
      ...facts.system.filter(({ link }) => link === undefined).map(({ path }) => directory(path)),
      { ...directory("/etc"), source: facts.etc },
      ...[...facts.visibleEtc, ...(job.network === "open" ? facts.networkEtc : [])].map(({ name, kind }) => ({
        source: `/etc/${name}`,
        path: `/etc/${name}`,
        kind,
      })),
      ...facts.exposed.map(({ path }) => directory(path)),
      { source: facts.node, path: relayPaths.node, kind: "file" },
      ...(job.network === "gateway" && job.gatewaySocket !== undefined
        ? [
            { source: facts.gatewayRelay, path: relayPaths.script, kind: "file" as const },
            { source: job.gatewaySocket, path: relayPaths.socket, kind: "file" as const },
          ]
        : []),
    ],
    links: [
      ...facts.system.flatMap(({ path, link }) => (link === undefined ? [] : [{ path, target: link }])),
      { path: `${bin}/node`, target: `${ownDirectory}/node` },
      ...(facts.pythonFallback === undefined
        ? []
        : [{ path: `${bin}/python`, target: facts.pythonFallback }]),
    ],
    writable: programMounts(job.program).map((mount: ContainerMount) => ({
      source: `${job.root}/${mount.volume}`,
      path: mount.path,
    })),
    searchPath: [
      ...facts.exposed.map((toolchain) => toolchain.bin),
      bin,
      "/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin",
    ].join(":"),
  };
}

/** A directory of the host in its own place. */
function directory(path: string): SandboxView["readOnly"][number] {
  return { source: path, path, kind: "directory" };
}

const { uid, gid } = innerUser;

/** Files of the sandbox's own `/etc`. */
export const ownEtc: Readonly<Record<string, string>> = {
  passwd: `root:x:0:0:root:/:/bin/sh\napp:x:${uid}:${gid}:app:/tmp:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/sh\n`,
  group: `root:x:0:\napp:x:${gid}:\nnogroup:x:65534:\n`,
  hosts: "127.0.0.1 localhost\n::1 localhost\n",
};
