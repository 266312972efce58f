import { jsonSchemas } from "@benchgen/core/bundle/json-schema.ts";
import { type GeneratedFile, jsonText } from "./file.ts";

/** JSON Schemas of competition.yaml and metadata.yaml, for editors. */
export const bundleSchemaFiles: readonly GeneratedFile[] = Object.entries(jsonSchemas()).map(
  ([name, schema]) => ({ path: `schemas/${name}`, content: () => jsonText(schema) }),
);
