/** Which executor can give a job the network it is to have: pure. */
import type { JobDefinition } from "@benchgen/core/wire/job.ts";
import type { Availability, ExecutorName } from "./executor.ts";

/**
 * Why an executor cannot give the job its network; undefined when it can.
 * @param host shareNetwork: whether a sandbox whose network is open may have this machine's own
 */
export function networkRefusal(
  name: ExecutorName,
  { network }: Pick<JobDefinition, "network">,
  { shareNetwork, platform }: { readonly shareNetwork: boolean; readonly platform: NodeJS.Platform },
): Availability | undefined {
  if (network === "open" && name !== "docker" && !shareNetwork) return networkNotShared;
  return network === "gateway" && name === "docker" && platform !== "linux" ? noGatewayInMachine : undefined;
}

const noGatewayInMachine: Availability = {
  available: false,
  reason:
    "Containers of this machine live in a virtual machine, which a socket of this one does not lead into: no program in them reaches the gateway to models.",
  hint: "Run benchgen on Linux, also in a virtual machine of your own, or deploy it: docs/deploy.md",
};

const networkNotShared: Availability = {
  available: false,
  reason:
    "The program asks for the network, and in a sandbox would have this machine's own, on which this server lets anyone in.",
  hint: "Start the server with --require-token, or install Docker, which gives containers a network of their own.",
};
