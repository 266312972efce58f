import { systemClock } from "@benchgen/local/clock.ts";
import { createBlobs } from "@benchgen/local/blob/blobs.ts";
import { createTable } from "@benchgen/local/table/table.ts";
import { temporaryDataDirectory } from "../support/data-directory.ts";
import { contentContract } from "./content.contract.ts";

contentContract("files and SQLite", async () => {
  const data = temporaryDataDirectory();
  const options = { ...data, clock: systemClock, secret: data.secretFor("test"), baseUrl: () => "" };
  return { table: createTable(options), blobs: createBlobs(options), close: async () => data.close() };
});
