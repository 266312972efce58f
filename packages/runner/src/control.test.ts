import { defaultLimits } from "@benchgen/core/job/limits.ts";
import {
  type JobProgram,
  type ModelNetwork,
  type NetworkMode,
  networkModes,
} from "@benchgen/core/wire/job.ts";
import { describe, expect, it } from "vitest";
import { type Host, enforcementOf, notesOn, unconfinedDetail } from "./control.ts";

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
  const shared = (modelNetwork: ModelNetwork): Host => ({ shared: true, modelNetwork });
  const confinedTo = (network: NetworkMode, modelNetwork: ModelNetwork) =>
    job(network).programs.map(
      (program) => enforcementOf(job(network), program, shared(modelNetwork)).network,
    );

  it.each([
    ["none", "gateway", ["none", "none"]],
    ["none", "https", ["none", "none"]],
    // One with a model, and one without.
    ["gateway", "gateway", ["gateway", "none"]],
    ["gateway", "https", ["open", "none"]],
    ["open", "gateway", ["open", "open"]],
  ] as const)("where the network is %s and models' is %s, programs are left %j", (network, models, left) => {
    expect(confinedTo(network, models)).toEqual(left);
  });

  it("a program that is kept to the gateway waits for its relay, and no other does", () => {
    const waits = job("gateway").programs.map(
      (program) => enforcementOf(job("gateway"), program, { shared: true }).relay,
    );
    expect(waits).toEqual(["/benchgen/relay/url", undefined]);
  });

  it("the run's notes say of a program with a model when more than the gateway was open to it", () => {
    expect(notesOn(shared("https"), job("gateway"))).toEqual([
      'The ingestion program could reach any address by HTTPS, not only the gateway: this deployment\'s modelNetwork is "https".',
    ]);
    expect(notesOn(shared("gateway"), job("gateway"))).toEqual([]);
    expect(notesOn(shared("https"), job("none"))).toEqual([]);
    expect(notesOn(shared("https"), job("open"))).toEqual([]);
  });
});

it("a program that cannot be confined is said to be so, with what the operator may do", () => {
  const detail = unconfinedDetail({ network: "gateway" }, "ingestion", "confine: no SYS_PTRACE");
  expect(detail).toMatch(
    /^The ingestion program was not started, .* to the gateway here: confine: no SYS_PTRACE\./,
  );
  expect(detail).toMatch(/modelNetwork to "https"/);
  expect(unconfinedDetail({ network: "none" }, "scoring", "x")).not.toMatch(/modelNetwork/);
});

it("containers with networks of their own need nothing of the wrapper, and no note", () => {
  for (const network of networkModes) {
    expect(enforcementOf(job(network), asking, { shared: false })).toEqual({});
    expect(notesOn({ shared: false }, job(network))).toEqual([]);
  }
});
