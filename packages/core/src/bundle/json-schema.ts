/** The JSON Schemas editors use, derived from the schemas the bundle is read with. */
import * as z from "zod";
import { competitionSchema } from "./competition-schema.ts";
import { metadataSchema } from "./metadata-schema.ts";

interface SchemaNode {
  type?: string | string[];
  enum?: unknown[];
  default?: unknown;
  anyOf?: SchemaNode[];
  required?: string[];
  maximum?: number;
  properties?: Record<string, SchemaNode>;
  additionalProperties?: unknown;
  [keyword: string]: unknown;
}

/** File name to schema, draft 7: the draft that yaml-language-server and its editors support best. */
export function jsonSchemas(): Readonly<Record<string, SchemaNode>> {
  const competition = toSchema(competitionSchema, "competition.yaml");
  // One of the two names is needed: the schema that reads the document leaves that to a check of its own.
  competition.anyOf = [{ required: ["leaderboard"] }, { required: ["leaderboards"] }];
  return {
    "competition.schema.json": competition,
    "metadata.schema.json": toSchema(metadataSchema, "metadata.yaml of a program"),
  };
}

function toSchema(schema: z.ZodType, title: string): SchemaNode {
  const { $schema, ...rest } = z.toJSONSchema(schema, {
    io: "input",
    target: "draft-7",
    override: ({ jsonSchema }) => refine(jsonSchema as SchemaNode),
  }) as SchemaNode;
  return { $schema, title, ...rest };
}

/** What an editor should know beyond the fields' types. */
function refine(node: SchemaNode): void {
  // The bound of whole numbers in JavaScript says nothing to an author.
  if (node.maximum === Number.MAX_SAFE_INTEGER) delete node.maximum;
  if (node.properties === undefined) return;
  // Unknown keys are ignored when a bundle is read, with a warning: an editor should give it, too.
  node.additionalProperties = false;
  for (const [name, property] of Object.entries(node.properties)) {
    if (node.required?.includes(name) === true) continue;
    // `key:` with nothing behind it means that the field is not given.
    if (typeof property.type === "string") property.type = [property.type, "null"];
    if (property.enum !== undefined) property.enum = [...property.enum, null];
    if (property.anyOf !== undefined) property.anyOf = [...property.anyOf, { type: "null" }];
  }
}
