/** Every promise of docs/deploy.md that a template can show, of every resource it is about; each kind of deployment is made once. */
import { beforeAll, describe } from "vitest";
import { type Synthesis, synthesise } from "../support/stacks/synthesis.ts";
import { accessPromises } from "./promise/access.ts";
import type { Deployed } from "./promise/deployed.ts";
import { functionPromises } from "./promise/function.ts";
import { networkPromises } from "./promise/network.ts";
import { operationPromises } from "./promise/operation.ts";
import { storagePromises } from "./promise/storage.ts";

const everything = {
  alarmEmail: "ada@example.org",
  budgetUsd: 20,
  gatewayConcurrency: 50,
  corsOrigins: ["https://hub.example.org"],
  notify: { kind: "slack", channel: "C1", secretName: "slack" },
};
const isolated = {
  ...everything,
  network: "isolated",
  defaultImage: "123456789012.dkr.ecr.eu-central-1.amazonaws.com/python:3",
  imageRepositories: ["python"],
} as const;

describe.each([
  ["with the default settings", "test", {}],
  ["with every setting", "test", everything],
  ["in production", "production", everything],
  ["isolated", "test", isolated],
] as const)("a deployment %s", (_how, stage, settings) => {
  let made: Synthesis;
  beforeAll(async () => {
    made = await synthesise({ stage, settings });
  });
  const deployed: Deployed = { made: () => made, stage, settings };
  functionPromises(deployed);
  accessPromises(deployed);
  storagePromises(deployed);
  networkPromises(deployed);
  operationPromises(deployed);
});
