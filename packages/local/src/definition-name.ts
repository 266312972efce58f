import { InvalidInput } from "@benchgen/core/error.ts";
import { type JobDefinition, jobDefinitionSchema } from "@benchgen/core/wire/job.ts";

/**
 * The name of a definition says all of it: nothing need be remembered, and a name from before a crash is still good.
 * Equal definitions have one name: the schema puts their fields in one order.
 */
export function definitionName(definition: JobDefinition): string {
  return Buffer.from(JSON.stringify(jobDefinitionSchema.parse(definition))).toString("base64url");
}

/** @throws InvalidInput `definition_unknown` when it is no such name */
export function parseDefinitionName(name: string): JobDefinition {
  try {
    return jobDefinitionSchema.parse(JSON.parse(Buffer.from(name, "base64url").toString("utf8")));
  } catch (error) {
    throw new InvalidInput("definition_unknown", "There is no such job definition.", { cause: error });
  }
}
