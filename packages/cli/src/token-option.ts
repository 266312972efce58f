/** Options that say what a token is to be, checked before anything is asked of a server or a deployment. */
import { createTokenSchema, maxTokenDays, slugSchema } from "@benchgen/core/wire/api.ts";
import { InvalidArgumentError } from "commander";
import type * as z from "zod";
import { positiveInteger } from "./execution.ts";

/** For commander: days until a token expires. */
export function tokenDays(text: string): number {
  const days = positiveInteger(text);
  if (days > maxTokenDays) throw new InvalidArgumentError(`It must be at most ${maxTokenDays} days.`);
  return days;
}

/** For commander: environments are named by it, `workspace/name`, so it has the characters of a name. */
export const workspaceName = checkedBy(slugSchema);

/** For commander: the participant a token speaks for. */
export const participantName = checkedBy(createTokenSchema.shape.name);

function checkedBy(schema: z.ZodType<string>): (text: string) => string {
  return (text) => {
    const { success, error } = schema.safeParse(text);
    if (success) return text;
    throw new InvalidArgumentError(`It ${error.issues[0]?.message ?? "cannot be used"}.`);
  };
}
