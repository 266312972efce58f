import { expect, test } from "vitest";
import { competitionSchema } from "./competition-schema.ts";
import { jsonSchemas } from "./json-schema.ts";

interface Node {
  readonly description?: string;
  readonly type?: string | string[];
  readonly default?: unknown;
  readonly enum?: unknown[];
  readonly properties?: Record<string, Node>;
  readonly items?: Node;
  readonly additionalProperties?: unknown;
}

const competition = jsonSchemas()["competition.schema.json"] as Node;

function* fields(node: Node, path = ""): Generator<[string, Node]> {
  for (const [name, property] of Object.entries(node.properties ?? {})) {
    yield [`${path}${name}`, property];
    yield* fields(property, `${path}${name}.`);
    yield* fields(property.items ?? {}, `${path}${name}[].`);
  }
}

test("has every field the reader has, each with a description an editor can show", () => {
  expect(Object.keys(competition.properties!)).toEqual(Object.keys(competitionSchema.shape));
  const undescribed = Object.values(jsonSchemas())
    .flatMap((node) => [...fields(node)])
    .filter(([, field]) => (field.description ?? field.items?.description) === undefined);
  expect(undescribed.map(([path]) => path)).toEqual([]);
});

test("offers values and defaults, lets optional fields be empty, and flags unknown keys", () => {
  const all = Object.fromEntries(fields(competition));
  expect(all["leaderboard[].columns[].sorting"]).toMatchObject({
    enum: ["asc", "desc", null],
    default: "desc",
  });
  expect(all["phases[].execution_time_limit"]?.default).toBe(600);
  expect(all["phases[].max_submissions"]?.type).toEqual(["integer", "null"]);
  expect(competition.additionalProperties).toBe(false);
});
