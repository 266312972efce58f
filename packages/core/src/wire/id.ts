import * as z from "zod";

/** What each id's prefix stands for. The rest of an id is a ULID in lower case, so ids sort by time of creation. */
export const idPrefixes = {
  environment: "env",
  upload: "upl",
  submission: "sub",
  run: "run",
  job: "job",
  token: "tok",
  model: "mod",
  call: "call",
} as const;

export type IdKind = keyof typeof idPrefixes;
export type Id<K extends IdKind> = `${(typeof idPrefixes)[K]}_${string}`;

export type EnvironmentId = Id<"environment">;
export type UploadId = Id<"upload">;
export type SubmissionId = Id<"submission">;
export type RunId = Id<"run">;
export type JobId = Id<"job">;
export type TokenId = Id<"token">;
export type ModelId = Id<"model">;
export type CallId = Id<"call">;

// A ULID: 10 characters of milliseconds and 16 of randomness in Crockford's base 32. The first is at most 7 (48 bits).
const ulid = "[0-7][0-9a-hjkmnp-tv-z]{25}";

/** Accepts exactly the ids of that kind. A plain string schema, so that JSON Schema can be generated from it. */
export function idSchema<K extends IdKind>(kind: K): z.ZodType<Id<K>> {
  const prefix = idPrefixes[kind];
  return z
    .string()
    .regex(
      new RegExp(`^${prefix}_${ulid}$`),
      `must be a ${kind} id, like ${prefix}_01jd0c2v5w8x9y0z1a2b3c4d5e`,
    ) as unknown as z.ZodType<Id<K>>;
}

/** Whether the text is an id of that kind. */
export function isId<K extends IdKind>(kind: K, text: string): text is Id<K> {
  return new RegExp(`^${idPrefixes[kind]}_${ulid}$`).test(text);
}
