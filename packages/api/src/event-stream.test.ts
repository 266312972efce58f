import type { EventFeed } from "@benchgen/core/ports.ts";
import type { BenchgenEvent } from "@benchgen/core/wire/event.ts";
import { describe, expect, it } from "vitest";
import { followEvents } from "./event-stream.ts";

function eventRecord(id: string): BenchgenEvent {
  return {
    id,
    time: "2026-01-01T00:00:00.000Z",
    type: "Environment Rejected",
    detail: { version: 1, uploadId: "upl_01jd0c2v5w8x9y0z1a2b3c4d5e", workspace: "lab", findings: [] },
  };
}

/** A feed in memory. `onRead` happens while a replay is under way. */
class MemoryFeed implements EventFeed {
  readonly events: BenchgenEvent[] = [];
  readonly listeners = new Set<(event: BenchgenEvent) => void>();
  onRead = (): void => undefined;

  publish(...ids: string[]): void {
    for (const event of ids.map(eventRecord)) {
      this.events.push(event);
      for (const listener of this.listeners) listener(event);
    }
  }

  async read({ after, limit }: { after?: string; limit: number }): Promise<BenchgenEvent[]> {
    const from = this.events.findIndex(({ id }) => id === after) + 1;
    const found = this.events.slice(from, from + limit);
    this.onRead();
    return found;
  }

  subscribe(listener: (event: BenchgenEvent) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
}

function follow(feed: EventFeed, options: { after?: string; hidden?: string } = {}) {
  const abort = new AbortController();
  const stream = followEvents({
    feed,
    after: options.after,
    isVisible: async ({ id }) => id !== options.hidden,
    signal: abort.signal,
  });
  /** Ids of the next events, comments left out. */
  const take = async (count: number): Promise<string[]> => {
    const ids: string[] = [];
    while (ids.length < count) {
      const { value, done } = await stream.next();
      if (done === true) break;
      const id = /^id: (.*)$/m.exec(value)?.[1];
      if (id !== undefined) ids.push(id);
    }
    return ids;
  };
  return { abort, stream, take };
}

describe("followEvents", () => {
  it("misses nothing that happens after it was called, although nobody has read yet", async () => {
    const feed = new MemoryFeed();
    feed.publish("a");
    const { take } = follow(feed);
    feed.publish("b", "c");
    expect(await take(2)).toEqual(["b", "c"]);
  });

  it("replays what came after the last event that was seen, then goes on", async () => {
    const feed = new MemoryFeed();
    const ids = Array.from({ length: 450 }, (_, index) => `event-${index}`);
    feed.publish(...ids);
    const { take } = follow(feed, { after: "event-9" });
    expect(await take(440)).toEqual(ids.slice(10));
    feed.publish("new");
    expect(await take(1)).toEqual(["new"]);
  });

  it("sends once what happens during the replay", async () => {
    const feed = new MemoryFeed();
    feed.publish("a", "b");
    const during = ["c", "d"];
    feed.onRead = () => feed.publish(...during.splice(0, 1));
    const { take } = follow(feed, { after: "a" });
    expect(await take(3)).toEqual(["b", "c", "d"]);
    feed.publish("e");
    expect(await take(1)).toEqual(["e"]);
  });

  it("leaves out what the client may not know of, replayed or live", async () => {
    const feed = new MemoryFeed();
    feed.publish("a", "secret", "b");
    const { take } = follow(feed, { after: "a", hidden: "secret" });
    expect(await take(1)).toEqual(["b"]);
    feed.publish("secret", "c");
    expect(await take(1)).toEqual(["c"]);
  });

  it("is forgotten by the feed, and ends, once the client is gone", async () => {
    const feed = new MemoryFeed();
    const { abort, take } = follow(feed);
    expect(feed.listeners.size).toBe(1);
    abort.abort();
    expect(feed.listeners.size).toBe(0);
    expect(await take(1)).toEqual([]);
  });

  it("ends when the client is too far behind, so that it resumes by the last id it has", async () => {
    const feed = new MemoryFeed();
    const { take } = follow(feed);
    feed.publish(...Array.from({ length: 1001 }, (_, index) => String(index)));
    expect(await take(1)).toEqual([]);
  });
});
