/** Every function of a deployment: one of each, alike in what all of them must have. */
import { expect, it } from "vitest";
import { functionNames } from "../../../packages/functions/bundle.ts";
import type { Resource } from "../../support/stacks/synthesis.ts";
import { type Deployed, functionsOf, others } from "./deployed.ts";

export function functionPromises({ made, stage, settings }: Deployed): void {
  it("has nothing that cdk-nag's AwsSolutions rules or CDK complain about, but for runtimes of placeholders", () => {
    // Without bundling, SST puts a placeholder in, which has a runtime of its own: build.test.ts looks at the real ones.
    expect(made().complaints.filter((complaint) => !complaint.includes("AwsSolutions-L1"))).toEqual([]);
  });

  it("has every function once, on arm64, with a limit of time and a log of its own", () => {
    const names = functionsOf(made()).map(({ Properties }) => String(Properties["FunctionName"]));
    expect(new Set(names)).toEqual(new Set(functionNames.map((name) => `benchgen-${stage}-${name}`)));
    expect(names).toHaveLength(functionNames.length);
    const isGood = ({ Properties }: Resource) =>
      String(Properties["Architectures"]) === "arm64" &&
      Properties["Timeout"] <= 900 &&
      Properties["LoggingConfig"].LogGroup !== undefined;
    expect(others(functionsOf(made()), isGood)).toEqual([]);
  });

  it("gives every function a role of its own, which only Lambda may take", () => {
    const roles = functionsOf(made()).map(({ Properties }) => JSON.stringify(Properties["Role"]));
    expect(new Set(roles).size).toBe(functionNames.length);
  });

  it("reserves concurrency for nothing but the gateway, and for that only if told to", () => {
    const reserved = functionsOf(made()).flatMap(({ Properties }) =>
      Properties["ReservedConcurrentExecutions"] === undefined
        ? []
        : [[Properties["FunctionName"], Properties["ReservedConcurrentExecutions"]]],
    );
    const wanted = "gatewayConcurrency" in settings ? [[`benchgen-${stage}-gateway`, 50]] : [];
    expect(reserved).toEqual(wanted);
  });
}
