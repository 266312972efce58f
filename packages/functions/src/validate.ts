/** The bytes of an upload have arrived: is it good? */
import { checkUpload } from "@benchgen/core/upload/check.ts";
import { parseUploadKey } from "@benchgen/core/wire/key.ts";
import * as z from "zod";
import { setting } from "./environment.ts";
import { consumer } from "./handler.ts";
import { once } from "./once.ts";
import { blobs, bus, clock, table } from "./port.ts";
import { checkLimits } from "./upload-limit.ts";

/** "Object Created". Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html */
const eventSchema = z.object({
  detail: z.object({
    bucket: z.object({ name: z.string() }),
    object: z.object({ key: z.string() }),
  }),
});

const ports = once(() => ({ table: table(), blobs: blobs(), bus: bus(), clock }));

export const handler = consumer(
  "validate",
  eventSchema,
  ({ detail: { bucket, object } }) =>
    bucket.name === setting("BENCHGEN_BUCKET") ? parseUploadKey(object.key) : undefined,
  async (upload) => ({
    result: (await checkUpload(ports(), upload, checkLimits)) ? "to be published" : "over",
  }),
);
