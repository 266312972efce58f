import type { BenchgenEvent } from "@benchgen/core/wire/event.ts";
import { parseEvent } from "@benchgen/core/wire/event.ts";
import { messageOf } from "@benchgen/core/error.ts";
import type { Bus, Clock, EventFeed } from "@benchgen/core/ports.ts";
import type { Database, Row } from "../database.ts";
import { createWebhook } from "./webhook.ts";
import type { WebhookTarget } from "./webhook.ts";

const schema = `
  create table if not exists event (
    position integer primary key autoincrement, id text not null unique, body text not null
  ) strict;
`;

/** Events kept for reading back; older ones are forgotten. */
const keptEvents = 10_000;
/** How often events of other processes are looked for while somebody listens. */
const pollMs = 500;

export interface LocalBus extends Bus, EventFeed {
  /** Tells nobody any more, and waits a few seconds for deliveries that are under way. */
  close(): Promise<void>;
}

/** Events of every process that has the data directory open, in the order in which they were published. */
export function createBus(options: {
  database: Database;
  clock: Clock;
  /** Where events published by this process are posted as well. */
  webhook?: WebhookTarget;
  /** Told of deliveries that were given up, and of listeners that throw. */
  warn: (message: string) => void;
}): LocalBus {
  const { database, warn } = options;
  database.define(schema);
  const webhook =
    options.webhook === undefined ? undefined : createWebhook({ ...options, target: options.webhook });
  const listeners = new Set<(event: BenchgenEvent) => void>();
  let poller: NodeJS.Timeout | undefined;
  let told = 0;

  /** One way for all events, whoever published them: so every listener has them in the same order. */
  const tellNew = (): void => {
    if (listeners.size === 0) return;
    const sql = "select position, body from event where position > ? order by position";
    for (const row of database.all(sql, told)) {
      const position = Number(row["position"]);
      // A listener that publishes has told the rest already.
      if (position <= told) continue;
      told = position;
      for (const listener of listeners) tell(listener, eventOf(row));
    }
  };

  const tell = (listener: (event: BenchgenEvent) => void, event: BenchgenEvent): void => {
    try {
      listener(event);
    } catch (error) {
      warn(`A listener failed on event ${event.id}: ${messageOf(error)}`);
    }
  };

  const poll = (): void => {
    try {
      tellNew();
    } catch (error) {
      warn(`Could not look for new events: ${messageOf(error)}`);
    }
  };

  const stopPolling = (): void => {
    clearInterval(poller);
    poller = undefined;
  };

  return {
    async publish(events) {
      const fresh = database.transaction(() => events.filter((event) => insert(database, event)));
      for (const event of fresh) webhook?.send(event);
      tellNew();
    },

    async read({ after, limit }) {
      const known =
        after === undefined ? undefined : database.get("select position from event where id = ?", after);
      const position = Number(known?.["position"] ?? 0);
      const sql = "select body from event where position > ? order by position limit ?";
      return database.all(sql, position, limit).map(eventOf);
    },

    subscribe(listener) {
      // A function of its own for each subscription: the same listener may subscribe twice.
      const own = (event: BenchgenEvent): void => listener(event);
      if (listeners.size === 0) told = latest(database);
      listeners.add(own);
      poller ??= setInterval(poll, pollMs).unref();
      return () => {
        listeners.delete(own);
        if (listeners.size === 0) stopPolling();
      };
    },

    async close() {
      listeners.clear();
      stopPolling();
      await webhook?.close();
    },
  };
}

/** @returns false when an event with that id was published before */
function insert(database: Database, event: BenchgenEvent): boolean {
  const sql = "insert or ignore into event (id, body) values (?, ?)";
  const { changes } = database.run(sql, event.id, JSON.stringify(event));
  if (changes === 0) return false;
  database.run("delete from event where position <= ?", latest(database) - keptEvents);
  return true;
}

function latest(database: Database): number {
  return Number(database.get("select coalesce(max(position), 0) as position from event")!["position"]);
}

function eventOf(row: Row): BenchgenEvent {
  return parseEvent(JSON.parse(String(row["body"])));
}
