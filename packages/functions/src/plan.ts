/** The first step of a run's workflow. */
import type { JobPolicy } from "@benchgen/core/job/definition.ts";
import { planRun } from "@benchgen/core/run/plan.ts";
import { workflowInputSchema } from "@benchgen/core/run/workflow.ts";
import { setting } from "./environment.ts";
import { step } from "./handler.ts";
import { once } from "./once.ts";
import { blobs, bus, clock, ids, launcher, table } from "./port.ts";

const ports = once(() => ({
  table: table(),
  blobs: blobs(),
  launcher: launcher(),
  bus: bus(),
  clock,
  ids: ids(),
}));
const policy = once((): JobPolicy => ({
  ceilings: setting("BENCHGEN_CEILINGS"),
  allowNetwork: setting("BENCHGEN_ALLOW_NETWORK"),
  modelsOpenNetwork: setting("BENCHGEN_MODEL_NETWORK") === "https",
}));

export const handler = step("plan", workflowInputSchema, (input) => planRun(ports(), policy(), input));
