import { expect, it } from "vitest";
import { announcedSchema, until } from "../support/api.ts";
import { bundleFiles, scored } from "../support/bundle.ts";
import type { Deployment } from "../support/deployment/deployment.ts";
import type { DeliveredEvent } from "../support/deployment/event.ts";
import { versionSchema } from "@benchgen/core/wire/api.ts";
import { describeDeployment } from "./environment.ts";

const isUploaded = (event: DeliveredEvent): boolean => event["detail-type"] === "Object Created";

/** What was begun looks as if it had been left alone for years. */
async function age({ table }: Deployment): Promise<void> {
  const since = "2020-01-01T00:00:00.000Z";
  for (const { pk, sk } of (await table.query({ pk: "OPEN#UPLOAD" })).items) {
    await table.write([
      { kind: "update", key: { pk, sk }, set: { since } },
      { kind: "update", key: { pk: `UPLOAD#${sk}`, sk: "UPLOAD" }, set: { checkingAt: since } },
    ]);
  }
}

describeDeployment("events", (deployment) => {
  it("that come twice, and both at once, make one version", async () => {
    const { actor, events, settled } = deployment();
    events.transform = (event) => [event, event];
    const ada = await actor("ada", "author");
    const version = await ada.push(bundleFiles({ title: "Twice" }));
    await settled();
    events.transform = (event) => [event];
    expect(version).toMatchObject({ number: 1, status: "published" });
    const versions = await ada.call("GET", "/environments/twice/versions");
    expect(((await versions.json()) as { items: unknown[] }).items).toHaveLength(1);
    expect(events.deadLetters).toEqual([]);
  });

  it("that come in another order make a version each", async () => {
    const { actor, events, settled } = deployment();
    const ada = await actor("ada", "author");
    const held: DeliveredEvent[] = [];
    events.transform = (event) => {
      if (!isUploaded(event)) return [event];
      held.unshift(event);
      return held.length < 2 ? [] : held;
    };
    const text = (page: string) => ({
      competition: { pages: [{ title: "Overview", file: "page.md" }] },
      files: { "page.md": page },
    });
    await Promise.all([
      ada.push(bundleFiles({ title: "Order", ...text("first") })),
      ada.push(bundleFiles({ title: "Order", ...text("second") })),
    ]);
    events.transform = (event) => [event];
    await settled();
    const second = await ada.json(versionSchema, "GET", "/environments/order/versions/2");
    expect(second.status).toBe("published");
  });

  it.each(["Object Created", "Upload Validated"])(
    "of type %s that are lost are made good by the sweep",
    async (type) => {
      const { actor, events, settled } = deployment();
      const ada = await actor("ada", "author");
      const lost: DeliveredEvent[] = [];
      events.transform = (event) => {
        if (event["detail-type"] !== type) return [event];
        lost.push(event);
        return [];
      };
      const name = type.split(" ")[0]!.toLowerCase();
      const pushed = ada.push(bundleFiles({ title: name }));
      await until(
        async () => lost.length,
        (count) => count > 0,
      );
      await settled();
      events.transform = (event) => [event];
      await age(deployment());
      await events.tick();
      expect(await pushed).toMatchObject({ status: "published" });
    },
  );

  it("that are lost for good leave uploads that expire, bytes and all", async () => {
    const { actor, blobs, events, table, settled } = deployment();
    const ada = await actor("ada", "author");
    events.transform = () => [];
    const body = { kind: "bundle", filename: "b.zip", size: 5, sha256: "0".repeat(64) };
    const { upload, put } = await ada.json(announcedSchema, "POST", "/uploads", body);
    await ada.api.put(put, "bytes");
    events.transform = (event) => [event];
    await age(deployment());
    const usableUntil = "2020-01-02T00:00:00.000Z";
    await table.write([
      { kind: "update", key: { pk: `UPLOAD#${upload.id}`, sk: "UPLOAD" }, set: { usableUntil } },
    ]);
    await events.tick();
    await settled();
    expect((await blobs.list(`uploads/${upload.id}`)).items).toEqual([]);
    const after = await ada.call("GET", `/uploads/${upload.id}`);
    expect(((await after.json()) as { status: string }).status).toBe("expired");
  });

  it("of submissions that are lost are made good by the sweep", async () => {
    const { actor, events, settled } = deployment();
    const ada = await actor("ada", "author");
    const lost: DeliveredEvent[] = [];
    events.transform = (event) => {
      lost.push(event);
      return [];
    };
    const submitted = ada.submit(scored(Math.random()));
    await until(
      async () => lost,
      (all) => all.some(isUploaded),
    );
    await settled();
    events.transform = (event) => [event];
    await age(deployment());
    await events.tick();
    expect(await submitted).toMatch(/^sub_/);
  });

  it("about objects that are no uploads of ours are ignored", async () => {
    const { blobs, events, description, settled } = deployment();
    const before = events.deadLetters.length;
    for (const key of ["uploads/someone-elses.zip", "uploads/upl_01j00000000000000000000000.zip"]) {
      await blobs.put(key, Buffer.from("not ours"));
      const object = { key, size: 8, etag: "x", sequencer: "0" };
      events.put("default", {
        version: "0",
        id: key,
        source: "aws.s3",
        "detail-type": "Object Created",
        detail: { bucket: { name: description.bucketName }, object },
      });
    }
    await settled();
    expect(events.deadLetters.length).toBe(before);
  });
});
