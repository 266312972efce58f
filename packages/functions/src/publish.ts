/** A bundle was found good: makes it a version, and runs its solutions. */
import { eventOf } from "@benchgen/aws/bus/entry.ts";
import { publishUpload } from "@benchgen/core/upload/publish.ts";
import * as z from "zod";
import { consumer } from "./handler.ts";
import { once } from "./once.ts";
import { blobs, bus, clock, ids, table, workflow } from "./port.ts";

const eventSchema = z.object({ "detail-type": z.literal("Upload Validated"), detail: z.unknown() });

const ports = once(() => ({
  table: table(),
  blobs: blobs(),
  workflow: workflow(),
  bus: bus(),
  clock,
  ids: ids(),
}));

export const handler = consumer(
  "publish",
  eventSchema,
  (delivery) => {
    const event = eventOf(delivery);
    return event.type === "Upload Validated" ? event.detail.uploadId : undefined;
  },
  async (upload) => {
    await publishUpload(ports(), upload);
    return { result: "published" };
  },
);
