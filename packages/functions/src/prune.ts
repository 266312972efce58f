/** Once a week: deletes content that nothing names. */
import { pruneContentInTime } from "@benchgen/core/content/prune.ts";
import { setting } from "./environment.ts";
import { type Handler, told } from "./handler.ts";
import { blobs, clock, table } from "./port.ts";

/** Of the 900 that a function has: what is left is for the page that was begun. */
const seconds = 600;

export const handler: Handler<void> = (_event, context) =>
  told("prune", context, async (add) => {
    const days = setting("BENCHGEN_UNUSED_CONTENT_DAYS");
    add({ ...(await pruneContentInTime({ table: table(), blobs: blobs(), clock }, { days, seconds })) });
  });
