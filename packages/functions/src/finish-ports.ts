import type { FinishPorts } from "@benchgen/core/run/finish.ts";
import { once } from "./once.ts";
import { blobs, bus, clock, ids, launcher, table, workflow } from "./port.ts";

/** What ending a run takes, whoever ends it. */
export const finishPorts = /* @__PURE__ */ once((): FinishPorts => ({
  table: table(),
  blobs: blobs(),
  workflow: workflow(),
  launcher: launcher(),
  bus: bus(),
  clock,
  ids: ids(),
}));
