import { openApiDocument } from "@benchgen/api/openapi.ts";
import packageJson from "../../package.json" with { type: "json" };
import { type GeneratedFile, jsonText } from "./file.ts";

/** The HTTP API, from the definitions of its routes. */
export const openApiFile: GeneratedFile = {
  path: "schemas/openapi.json",
  content: () => jsonText(openApiDocument(packageJson.version)),
};
