import { randomUUID } from "node:crypto";
import { expect, it } from "vitest";
import { type LiveContext, runChecks } from "../live/check.ts";
import { cleanUp } from "../live/clean-up.ts";
import { describeDeployment, prepared } from "./environment.ts";

describeDeployment("the checks of a live deployment", (deployment) => {
  it.runIf(prepared.docker)("pass on stand-ins, and leave nothing behind", async () => {
    const { actor, events, table, blobs, settled } = deployment();
    const workspace = `live-${randomUUID().slice(0, 8)}`;
    const made: LiveContext["made"] = { environments: new Set(), runs: new Set() };
    const context: LiveContext = {
      author: await actor("live", "admin", workspace),
      mark: workspace,
      made,
      events: () =>
        Promise.resolve(
          events.events.map(({ event }) => ({
            type: event["detail-type"],
            id: event.detail["id"] as string,
          })),
        ),
    };
    const said: string[] = [];
    const failed = await runChecks(context, { real: false, say: (line) => said.push(line) });
    expect({ failed, said: failed.length === 0 ? [] : said }).toEqual({ failed: [], said: [] });
    await settled();
    expect(made.runs.size).toBeGreaterThan(3);
    await cleanUp({ table, blobs }, { made }, workspace);
    expect((await blobs.list("runs/")).items).toEqual([]);
    for (const index of ["gsi1", "gsi2"] as const) {
      expect((await table.query({ index, pk: `WS#${workspace}#ENV` })).items).toEqual([]);
    }
    expect((await table.query({ index: "gsi1", pk: `WS#${workspace}#RUN` })).items).toEqual([]);
  });
});
