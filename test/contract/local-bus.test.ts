import type { BenchgenEvent } from "@benchgen/core/wire/event.ts";
import { createBus } from "@benchgen/local/bus/bus.ts";
import { temporaryDataDirectory } from "../support/data-directory.ts";
import { busContract } from "./bus.contract.ts";

busContract("SQLite", async () => {
  const data = temporaryDataDirectory();
  const bus = createBus(data);
  const events: BenchgenEvent[] = [];
  bus.subscribe((event) => void events.push(event));
  return {
    bus,
    received: async () => events,
    close: async () => {
      await bus.close();
      data.close();
    },
  };
});
