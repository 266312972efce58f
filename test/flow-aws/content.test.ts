import { createHash } from "node:crypto";
import { tableKey } from "@benchgen/core/record/key.ts";
import { blobKey, contentPrefix } from "@benchgen/core/wire/key.ts";
import { expect, it } from "vitest";
import { bundleFiles, scored } from "../support/bundle.ts";
import type { Deployment } from "../support/deployment/deployment.ts";
import { faultOf } from "../support/deployment/fault.ts";
import { describeDeployment } from "./environment.ts";

const hashOf = (text: string) => createHash("sha256").update(text).digest("hex");

/** As a function leaves it that died before it could name it. */
async function leave({ blobs }: Deployment, text: string): Promise<string> {
  await blobs.put(blobKey.content(hashOf(text)), Buffer.from(text));
  return blobKey.content(hashOf(text));
}

const stored = async ({ blobs }: Deployment) =>
  (await blobs.list(contentPrefix, { limit: 1000 })).items.map(({ key }) => key);

describeDeployment("content that nothing names", (deployment) => {
  it("goes by the week, and what is named stays, can be run, and is found to be there by the next version", async () => {
    const { actor, events, settled } = deployment();
    const ada = await actor("ada", "author");
    await ada.push(bundleFiles({ title: "Kept" }));
    await ada.evaluate("kept", scored(0.5));
    const named = await stored(deployment());
    await leave(deployment(), "left over");
    await events.tick("-prune");
    expect(await stored(deployment())).toEqual(named);
    expect(await ada.evaluate("kept", scored(0.25))).toMatchObject({ status: "succeeded" });
    expect(await ada.push(bundleFiles({ title: "Kept" }))).toMatchObject({ number: 1 });
    await settled();
  });

  it("goes later when the function died in the middle of it", async () => {
    const { events, proxy, table } = deployment();
    const key = await leave(deployment(), "half gone");
    proxy.inject(faultOf("prune", "kill before", { service: "s3", operation: "DeleteObject" }));
    await events.tick("-prune");
    expect(await stored(deployment())).toContain(key);
    // The mark of the one that died counts for a quarter of an hour.
    const mark = tableKey.contentUse(hashOf("half gone"));
    await table.write([{ kind: "update", key: mark, set: { deletingAt: 1 } }]);
    await events.tick("-prune");
    expect(await stored(deployment())).not.toContain(key);
    expect(await table.get(mark)).toBeUndefined();
    expect(events.deadLetters).toEqual([]);
  });
});
