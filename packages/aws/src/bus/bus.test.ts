import { expect, it } from "vitest";
import type { BenchgenEvent } from "@benchgen/core/wire/event.ts";
import { eventBridgeClient } from "../client.ts";
import { serveAnswers } from "../fixture.ts";
import { batches, createBus } from "./bus.ts";
import { entryOf, eventOf } from "./entry.ts";

const event: BenchgenEvent = {
  id: "evt_1",
  time: "2026-01-01T00:00:00.123Z",
  type: "Environment Published",
  detail: {
    version: 1,
    environment: { id: "env_01jd0c2v5w8x9y0z1a2b3c4d5e", workspace: "main", name: "a", title: "A" },
    environmentVersion: 1,
    forced: false,
  },
};

it("fills batches of ten entries, and of no more bytes than EventBridge takes", () => {
  const entry = (bytes: number) => ({ Detail: "x".repeat(bytes) });
  const sizes = (entries: { Detail: string }[]) => batches(entries).map((batch) => batch.length);
  expect(sizes([])).toEqual([]);
  expect(sizes(Array.from({ length: 25 }, () => entry(10)))).toEqual([10, 10, 5]);
  expect(sizes([entry(100_000), entry(100_000), entry(100_000), entry(10)])).toEqual([2, 2]);
  expect(sizes([entry(300_000), entry(10)])).toEqual([1, 1]);
});

it("counts an entry that was refused as a fault, although EventBridge answers 200", async () => {
  const aws = await serveAnswers([
    {
      status: 200,
      body: {
        FailedEntryCount: 1,
        Entries: [{ ErrorCode: "ThrottlingException", ErrorMessage: "slow down" }],
      },
    },
  ]);
  const bus = createBus({ client: eventBridgeClient(aws.settings), busName: "main" });
  await expect(bus.publish([event])).rejects.toMatchObject({
    name: "PlatformFault",
    code: "events_refused",
    message: expect.stringContaining("slow down") as string,
  });
  aws.close();
});

it("keeps an event's own id and time, to the millisecond", () => {
  const entry = entryOf("main", event);
  expect(entry).toMatchObject({ Source: "benchgen", DetailType: "Environment Published" });
  const detail: unknown = JSON.parse(entry.Detail!);
  expect(eventOf({ "detail-type": entry.DetailType!, detail })).toEqual(event);
});
