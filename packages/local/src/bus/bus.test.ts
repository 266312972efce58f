import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { BenchgenEvent } from "@benchgen/core/wire/event.ts";
import { systemClock } from "../clock.ts";
import { openDatabase } from "../database.ts";
import type { Database } from "../database.ts";
import { createBus } from "./bus.ts";
import type { LocalBus } from "./bus.ts";
import { webhookSignature } from "./webhook.ts";
import type { WebhookTarget } from "./webhook.ts";

/** Generous: the machine may be busy. */
const soon = { timeout: 10_000 };

let dir: string;
let warnings: string[];
const databases: Database[] = [];
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "benchgen-"));
  warnings = [];
});
afterEach(() => {
  for (const database of databases.splice(0)) database.close();
  rmSync(dir, { recursive: true });
});

function open(webhook?: WebhookTarget): LocalBus {
  const database = openDatabase(dir);
  databases.push(database);
  return createBus({ database, clock: systemClock, warn: (message) => warnings.push(message), webhook });
}

let made = 0;
function event(): BenchgenEvent {
  const id = `event-${++made}`;
  const environment = {
    id: "env_01jd0c2v5w8x9y0z1a2b3c4d5e" as const,
    workspace: "main",
    name: "a",
    title: "A",
  };
  const detail = { version: 1 as const, environment, environmentVersion: 1, forced: false };
  return { id, time: "2026-01-01T00:00:00.000Z", type: "Environment Published", detail };
}

function progressed(count: number): BenchgenEvent {
  const at = "2026-01-01T00:00:00.000Z";
  const detail = {
    version: 1 as const,
    run: { id: "run_01jd0c2v5w8x9y0z1a2b3c4d5e" as const, name: "A", participant: "ada" },
    environment: { id: "env_01jd0c2v5w8x9y0z1a2b3c4d5e" as const, name: "a", version: 1 },
    phase: { index: 0, name: "Main" },
    task: 0,
    progress: { done: count, total: 9, at },
  };
  return { id: `progressed-${count}`, time: at, type: "Run Progressed", detail };
}

describe("subscribers", () => {
  it("are told of events from now on, once each, in order, whichever process published them", async () => {
    const [one, other] = [open(), open()];
    await one.publish([event()]);
    const told: BenchgenEvent[] = [];
    one.subscribe((each) => told.push(each));
    const events = [event(), event(), event()];
    await other.publish([events[0]!]);
    await one.publish([events[1]!]);
    await one.publish([events[1]!]);
    await other.publish([events[2]!]);
    await expect.poll(() => told, soon).toEqual(events);
    await one.close();
  });

  it("may leave, throw, and publish, without harm to the others", async () => {
    const bus = open();
    const [first, reply] = [event(), event()];
    const told: string[] = [];
    const leave = bus.subscribe(() => told.push("left too late"));
    bus.subscribe((each) => {
      if (each.id === first.id) void bus.publish([reply]);
    });
    bus.subscribe(() => {
      throw new Error("broken");
    });
    bus.subscribe(({ id }) => told.push(id));
    leave();
    await bus.publish([first]);
    expect(told.toSorted()).toEqual([first.id, reply.id].toSorted());
    expect(warnings).toHaveLength(2);
    await bus.close();
    await bus.publish([event()]);
    expect(told).toHaveLength(2);
  });
});

describe("reading back", () => {
  it("goes on after an event, and begins at the oldest when that one is unknown", async () => {
    const events = [event(), event(), event()];
    await open().publish(events);
    const bus = open();
    expect(await bus.read({ limit: 2 })).toEqual(events.slice(0, 2));
    expect(await bus.read({ after: events[1]!.id, limit: 2 })).toEqual(events.slice(2));
    expect(await bus.read({ after: events[2]!.id, limit: 2 })).toEqual([]);
    expect(await bus.read({ after: "forgotten", limit: 1 })).toEqual(events.slice(0, 1));
  });
});

describe("the webhook", () => {
  interface Delivery {
    readonly body: string;
    readonly signature: string;
  }

  async function receiver(
    answers: number[],
  ): Promise<{ url: string; deliveries: Delivery[]; close: () => void }> {
    const deliveries: Delivery[] = [];
    const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
      const body = await text(request);
      deliveries.push({ body, signature: String(request.headers["benchgen-signature"]) });
      response.writeHead(answers.shift() ?? 200, { location: "http://127.0.0.1:1/" }).end();
    };
    const server = createServer((request, response) => void answer(request, response));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    return { url: `http://127.0.0.1:${port}/hook`, deliveries, close: () => server.close() };
  }

  it("gets each event once it takes it, signed, in order, before the bus is closed", async () => {
    const { url, deliveries, close } = await receiver([503, 200, 200]);
    const bus = open({ url, secret: "shared" });
    const events = [event(), event()];
    await bus.publish(events);
    await bus.publish(events);
    await bus.close();
    close();
    const bodies = deliveries.map(({ body }) => JSON.parse(body) as BenchgenEvent);
    expect(bodies.map(({ id }) => id)).toEqual([events[0]!.id, events[0]!.id, events[1]!.id]);
    expect(bodies[2]).toEqual({ source: "benchgen", ...events[1] });
    for (const { body, signature } of deliveries) {
      const seconds = Number(/^t=(\d+),/.exec(signature)?.[1]);
      expect(signature).toBe(webhookSignature("shared", seconds, body));
    }
    expect(warnings).toEqual([]);
  });

  it("hears how far a run is when nothing else waits, and once", async () => {
    const { url, deliveries, close } = await receiver([503]);
    const bus = open({ url, secret: "shared" });
    const end = event();
    await bus.publish([progressed(1)]);
    await expect.poll(() => deliveries.length, soon).toBe(1);
    await bus.publish([end, progressed(2)]);
    await bus.close();
    close();
    const ids = deliveries.map(({ body }) => (JSON.parse(body) as BenchgenEvent).id);
    expect(ids).toEqual(["progressed-1", end.id]);
    expect(warnings).toEqual([]);
  });

  it("is given up with a warning when it does not answer, or sends elsewhere", async () => {
    const { url, close } = await receiver([302, 302, 302, 302, 302]);
    const bus = open({ url, secret: "shared" });
    const lost = event();
    await bus.publish([lost]);
    await bus.close();
    close();
    expect(warnings).toEqual([expect.stringContaining(`did not take event ${lost.id}`)]);
  });
});
