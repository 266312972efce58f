/** For commander: words of the command line as values, or why they are none. */
import { createRunSchema, createTokenSchema, maxTokenDays, slugSchema } from "@benchgen/core/wire/api.ts";
import { InvalidArgumentError } from "commander";
import type * as z from "zod";

/** From 1. */
export function positiveInteger(word: string): number {
  if (/^[1-9]\d{0,8}$/.test(word)) return Number(word);
  throw new InvalidArgumentError("It must be a whole number from 1 to 999999999.");
}

/** From 0. */
export function wholeNumber(word: string): number {
  if (!/^\d{1,12}$/.test(word)) throw new InvalidArgumentError("It must be a whole number.");
  return Number(word);
}

export function taskIndex(word: string): number {
  if (/^\d{1,6}$/.test(word)) return Number(word);
  throw new InvalidArgumentError("It must be a task's index, from 0.");
}

/** The bounds are values it may have. */
export function numberBetween(least: number, most: number): (word: string) => number {
  return (word) => {
    const number = Number(word);
    if (word.trim() !== "" && number >= least && number <= most) return number;
    throw new InvalidArgumentError(`It must be a number from ${least} to ${most}.`);
  };
}

/** A price, or a limit of cost. */
export function dollars(word: string): number {
  if (!/^\d{1,6}(\.\d{1,9})?$/.test(word))
    throw new InvalidArgumentError("It must be dollars below a million, such as 2.50.");
  return Number(word);
}

/** How old, in days: from `30d`, `8w`. */
export function ageInDays(word: string): number {
  const [, number, unit] = /^(\d{1,5})([dw])$/.exec(word) ?? [];
  if (number === undefined || Number(number) === 0) {
    throw new InvalidArgumentError("It must be days or weeks, such as 30d or 8w.");
  }
  return Number(number) * (unit === "w" ? 7 : 1);
}

/** 0 means any that is free. */
export function portNumber(word: string): number {
  if (/^\d{1,5}$/.test(word) && Number(word) < 65_536) return Number(word);
  throw new InvalidArgumentError("It must be a number from 0 to 65535.");
}

export function httpUrl(word: string): string {
  if (URL.canParse(word) && /^https?:$/.test(new URL(word).protocol)) return word;
  throw new InvalidArgumentError("It must be a URL that begins with http:// or https://.");
}

/** Days until a token expires. */
export function tokenDays(word: string): number {
  const days = positiveInteger(word);
  if (days > maxTokenDays) throw new InvalidArgumentError(`It must be at most ${maxTokenDays} days.`);
  return days;
}

/** What environments, the workspaces they belong to, and models are called. */
export const slugName = checkedBy(slugSchema);

/** What a run is called on a leaderboard. */
export const runName = checkedBy(createRunSchema.shape.name.unwrap());

/** The participant a token speaks for. */
export const participantName = checkedBy(createTokenSchema.shape.name);

function checkedBy(schema: z.ZodType<string>): (word: string) => string {
  return (word) => {
    const { success, error } = schema.safeParse(word);
    if (success) return word;
    throw new InvalidArgumentError(`It ${error.issues[0]?.message ?? "cannot be used"}.`);
  };
}

/** An option that may be repeated. */
export function collect(word: string, before: readonly string[]): readonly string[] {
  return [...before, word];
}
