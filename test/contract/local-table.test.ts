import { createTable } from "@benchgen/local/table/table.ts";
import { temporaryDataDirectory } from "../support/data-directory.ts";
import { tableContract } from "./table.contract.ts";

tableContract("SQLite", async () => {
  const data = temporaryDataDirectory();
  return { table: createTable(data), close: async () => data.close() };
});
