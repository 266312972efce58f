import { readFileSync } from "node:fs";
import { eventOf } from "@benchgen/aws/bus/entry.ts";
import { eventDetails, eventSource } from "@benchgen/core/wire/event.ts";
import { expect, it } from "vitest";

interface Block {
  readonly source: string | string[];
  readonly "detail-type": string | string[];
  readonly detail?: object;
}

const text = readFileSync(new URL("../../docs/events.md", import.meta.url), "utf8");
const blocks = [...text.matchAll(/```json\n([\s\S]*?)```/g)].map(([, json]) => JSON.parse(json!) as Block);
const deliveries = blocks.filter((block) => typeof block.source === "string");
const patterns = blocks.filter((block) => Array.isArray(block.source));

it("shows events that their schemas accept", () => {
  expect(deliveries.length).toBeGreaterThan(0);
  for (const delivery of deliveries) {
    expect(eventOf(delivery as Parameters<typeof eventOf>[0]).type).toBe(delivery["detail-type"]);
  }
});

it("has rule patterns for events there are", () => {
  expect(patterns.length).toBeGreaterThan(2);
  for (const pattern of patterns) {
    expect(pattern.source).toEqual([eventSource]);
    for (const type of pattern["detail-type"]) expect(Object.keys(eventDetails)).toContain(type);
  }
});

it("names every event", () => {
  for (const type of Object.keys(eventDetails)) expect(text).toContain(`| \`${type}\``);
});
