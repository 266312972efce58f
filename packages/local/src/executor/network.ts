/** Which executor can give a job the network it is to have: pure. */
import type { JobDefinition } from "@benchgen/core/wire/job.ts";
import type { Availability, ExecutorName } from "./executor.ts";

/**
 * Why an executor cannot give the job its network; undefined when it can.
 * @param shareNetwork whether a sandbox whose network is open may have this machine's own
 */
export function networkRefusal(
  name: ExecutorName,
  { network }: Pick<JobDefinition, "network">,
  shareNetwork: boolean,
): Availability | undefined {
  if (network === "open" && name !== "docker" && !shareNetwork) return networkNotShared;
  return network === "gateway" && name === "docker" ? noGatewayInDocker : undefined;
}

const noGatewayInDocker: Availability = {
  available: false,
  reason:
    "A program that calls a model runs in a sandbox: containers of this machine do not reach the gateway.",
  hint: "Use bubblewrap or namespaces: --executor auto",
};

const networkNotShared: Availability = {
  available: false,
  reason:
    "The program asks for the network, and in a sandbox would have this machine's own, on which this server lets anyone in.",
  hint: "Start the server with --require-token, or install Docker, which gives containers a network of their own.",
};
