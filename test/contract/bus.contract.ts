import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Bus } from "@benchgen/core/ports.ts";
import type { BenchgenEvent } from "@benchgen/core/wire/event.ts";
import { newEvent } from "../support/event.ts";

const arrival = { timeout: 60_000 };

/** What every Bus must do. `received` gives what a consumer has had so far, in whatever order. */
export function busContract(
  name: string,
  open: () => Promise<{
    bus: Bus;
    received: () => Promise<readonly BenchgenEvent[]>;
    close: () => Promise<void>;
  }>,
): void {
  describe(`Bus: ${name}`, () => {
    let bus: Bus;
    let received: () => Promise<readonly BenchgenEvent[]>;
    let close: () => Promise<void>;
    beforeAll(async () => {
      ({ bus, received, close } = await open());
    });
    afterAll(async () => {
      await close();
    });

    it("brings every event to consumers as it was published", async () => {
      const events = [newEvent(), newEvent()];
      await bus.publish(events);
      await expect.poll(received, arrival).toEqual(expect.arrayContaining(events));
    });

    it("takes more events at once than a single request of the cloud's can", async () => {
      const events = Array.from({ length: 25 }, newEvent);
      await bus.publish(events);
      await expect.poll(received, arrival).toEqual(expect.arrayContaining(events));
    });

    it("takes none, and one it has had before", async () => {
      const event = newEvent();
      await expect(bus.publish([])).resolves.toBeUndefined();
      await bus.publish([event]);
      await expect(bus.publish([event])).resolves.toBeUndefined();
      await expect.poll(received, arrival).toContainEqual(event);
    });
  });
}
