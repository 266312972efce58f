import { eventDetails } from "@benchgen/core/wire/event.ts";
import * as z from "zod";
import { type GeneratedFile, jsonText } from "./file.ts";

/** The schemas of all events' details, for those who consume them. */
export const eventSchemaFile: GeneratedFile = {
  path: "schemas/events.json",
  content: () =>
    jsonText({
      $schema: "https://json-schema.org/draft/2020-12/schema",
      title: "Details of benchgen's events, by detail type",
      $defs: Object.fromEntries(
        Object.entries(eventDetails).map(([type, schema]) => [type, schemaOf(envelope.extend(schema.shape))]),
      ),
    }),
};

/** As a consumer sees it: fields may be added. */
function schemaOf(detail: z.ZodObject): object {
  const { $schema: _, ...schema } = z.toJSONSchema(detail, { io: "input" });
  return schema;
}

/** What every detail begins with on EventBridge. */
const envelope = z.object({
  id: z.string().describe("The same for every delivery of one event"),
  time: z.string().describe("ISO 8601, UTC, to the millisecond"),
});
