/** What every handler does around its use case: parse what came, time it, tell the log, and map errors once. */
import { NotFound } from "@benchgen/core/error.ts";
import { stepError } from "@benchgen/core/run/step-error.ts";
import type * as z from "zod";
import { type LogFields, errorFields, writeLog } from "./log.ts";

/** The part of Lambda's context that is used. */
export interface LambdaContext {
  readonly awsRequestId?: string;
}

export type Handler<O> = (event: unknown, context?: LambdaContext) => Promise<O>;

/**
 * A step of the state machine. What it throws carries its code and hint in the message, as the machine keeps nothing
 * else of an error.
 */
export function step<S extends z.ZodType<StepInput>>(
  name: string,
  schema: S,
  run: (input: z.output<S>) => Promise<unknown>,
): Handler<unknown> {
  return async (event, context) => {
    try {
      return await told(name, context, async (add) => {
        const input = schema.parse(event);
        add({ run: input.runId, task: input.index });
        return (await run(input)) ?? {};
      });
    } catch (error) {
      throw stepError(error);
    }
  };
}

interface StepInput {
  readonly runId: string;
  /** Of the task, in steps of a task. */
  readonly index?: number;
}

/**
 * A consumer of events, which come at least once and in any order. An error makes Lambda deliver the event again, and
 * in the end put it into the dead letter queue; an event about something that is not there any more is done.
 * @param subjectOf the id of what an event is about; undefined for one that is none of ours
 * @param consume returns fields for the log
 */
export function consumer<S extends z.ZodType, I extends string>(
  name: string,
  schema: S,
  subjectOf: (event: z.output<S>) => I | undefined,
  consume: (subject: I, event: z.output<S>) => Promise<LogFields>,
): Handler<void> {
  return (event, context) =>
    told(name, context, async (add) => {
      const parsed = schema.parse(event);
      const subject = subjectOf(parsed);
      if (subject === undefined) return add({ result: "ignored" });
      add({ subject });
      try {
        add(await consume(subject, parsed));
      } catch (error) {
        if (!(error instanceof NotFound) || error.details["ref"] !== subject) throw error;
        add({ result: "unknown" });
      }
      return undefined;
    });
}

/** Runs the work and writes its one line. */
export async function told<T>(
  name: string,
  context: LambdaContext | undefined,
  work: (add: (fields: LogFields) => void) => Promise<T>,
): Promise<T> {
  const started = performance.now();
  let fields: LogFields = {};
  const line = (more: LogFields): LogFields => ({
    ...fields,
    ...more,
    requestId: context?.awsRequestId,
    ms: Math.round(performance.now() - started),
  });
  try {
    const result = await work((more) => {
      fields = { ...fields, ...more };
    });
    writeLog("info", name, line({}));
    return result;
  } catch (error) {
    writeLog("error", name, line(errorFields(error)));
    throw error;
  }
}
