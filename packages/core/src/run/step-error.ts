/**
 * How a step's error travels through the state machine. Step Functions keeps its `name` (which Retry and Catch match)
 * and its message (Lambda puts it into `Cause` as `{"errorMessage","errorType"}`), and nothing else; so code and hint
 * travel inside the message.
 */
import * as z from "zod";
import { BenchgenError } from "../error.ts";
import { parseJson } from "../json.ts";

const travellingSchema = z.object({ message: z.string(), code: z.string(), hint: z.string().optional() });
const causeSchema = z.object({ errorMessage: z.string() });

/** What a step of the workflow throws in place of the error: the same name, all of it in the message. */
export function stepError(error: unknown): unknown {
  if (!(error instanceof BenchgenError)) return error;
  const { message, code, hint, name } = error;
  const travelling = new Error(JSON.stringify({ message, code, hint }), { cause: error });
  travelling.name = name;
  return travelling;
}

/** Reads what `Cause` holds: a step's error, any other Lambda error, or plain text. */
export function readCause(cause: string): {
  readonly message: string;
  readonly code?: string | undefined;
  readonly hint?: string | undefined;
} {
  const lambda = causeSchema.safeParse(parseJson(cause));
  const text = lambda.success ? lambda.data.errorMessage : cause;
  const ours = travellingSchema.safeParse(parseJson(text));
  return ours.success ? ours.data : { message: text.split("\n")[0] ?? "" };
}
