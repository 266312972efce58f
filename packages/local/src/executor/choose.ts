/** Which executor runs a job: pure. */
import type { Availability, ExecutorName } from "./executor.ts";

export type Choice =
  | { readonly executor: ExecutorName; /** Worth telling the reader of the run. */ readonly note?: string }
  | { readonly missing: string; readonly hint: string };

/**
 * The order to try them in. An environment that names an image was made for it, so docker goes first; without one the
 * sandboxes do: they start in a tenth of the time and need no daemon that runs as root. Of the two, bubblewrap, whose code
 * is small, audited, and made for this; namespaces where it is not installed.
 */
export function executorOrder(wanted: "auto" | ExecutorName, image: string | null): readonly ExecutorName[] {
  if (wanted !== "auto") return [wanted];
  return image === null ? ["bubblewrap", "namespaces", "docker"] : ["docker", "bubblewrap", "namespaces"];
}

/**
 * The first that is available, or what to install.
 * @param probed in the order of `executorOrder`, up to and including the first that is available
 */
export function chooseExecutor(
  image: string | null,
  probed: readonly (Availability & { readonly name: ExecutorName })[],
): Choice {
  const chosen = probed.find(({ available }) => available);
  if (chosen === undefined) {
    return {
      missing: `Nothing here can run programs safely. ${probed.map(whyNot).join(" ")}`,
      hint:
        probed.map(({ hint }) => hint).find((hint) => hint !== undefined) ?? "Install bubblewrap or Docker.",
    };
  }
  if (image === null || chosen.name === "docker") return { executor: chosen.name };
  const docker = probed.find(({ name }) => name === "docker");
  const why =
    docker === undefined ? `${chosen.name} was asked for` : (docker.reason ?? "docker is not available");
  return {
    executor: chosen.name,
    note: `Ran in ${chosen.name} with the programs of this machine, not in its docker_image ${image}: ${ended(why)}`,
  };
}

function whyNot({ name, reason }: { name: ExecutorName; reason?: string }): string {
  return `${name}: ${ended(reason ?? "not available")}`;
}

/** As a sentence; what other programs say may be one already. */
function ended(text: string): string {
  return /[.?!]$/.test(text) ? text : `${text}.`;
}
