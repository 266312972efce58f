import { defaultLimits } from "@benchgen/core/job/limits.ts";
import { type JobProgram, networkModes } from "@benchgen/core/wire/job.ts";
import { describe, expect, it } from "vitest";
import { enforcementOf, notesOn } from "./control.ts";

const asking: JobProgram = {
  name: "ingestion",
  argv: ["true"],
  environment: { OPENAI_BASE_URL: "https://gateway.example/gateway/v1" },
};
const other: JobProgram = { name: "scoring", argv: ["true"], environment: {} };

/** A concurrent job, of whose programs one has a model. */
const job = (network: (typeof networkModes)[number]) => ({
  network,
  limits: defaultLimits,
  programs: [asking, other],
});

describe("on an interface that a job's containers share", () => {
  it.each([
    ["none", []],
    ["gateway", ["ingestion"]],
    ["open", ["ingestion", "scoring"]],
  ] as const)("the network %s is left to %j, and taken from every other program", (network, names) => {
    const { programs } = job(network);
    const left = programs.filter(
      (program) => enforcementOf(job(network), program, { shared: true }).confined === undefined,
    );
    expect(left.map(({ name }) => name)).toEqual(names);
  });

  it("the run's notes say of a program with a model that more than the gateway was open to it", () => {
    expect(notesOn({ shared: true }, job("gateway"))).toEqual([
      "The ingestion program could reach any address by HTTPS, not only the gateway: on Fargate a job's network is open or shut.",
    ]);
    expect([...notesOn({ shared: true }, job("none")), ...notesOn({ shared: true }, job("open"))]).toEqual(
      [],
    );
  });
});

it("containers with networks of their own need nothing of the wrapper, and no note", () => {
  for (const network of networkModes) {
    expect(enforcementOf(job(network), asking, { shared: false })).toEqual({});
    expect(notesOn({ shared: false }, job(network))).toEqual([]);
  }
});
