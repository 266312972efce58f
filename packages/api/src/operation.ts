/** Parts from which every route's definition is made, so that all of them say the same things the same way. */
import { requireJobToken } from "@benchgen/core/job/exchange.ts";
import type { Page } from "@benchgen/core/ports.ts";
import { type Scope, pageOf, problemSchema } from "@benchgen/core/wire/api.ts";
import { type IdKind, idPrefixes, idSchema } from "@benchgen/core/wire/id.ts";
import { referenceSegment } from "@benchgen/core/wire/path.ts";
import type { MiddlewareHandler } from "hono";
import * as z from "zod";
import { readBearer } from "./bearer.ts";
import type { ApiEnv } from "./context.ts";

/** For people. What a token's scope allows is decided by the use cases; here it is documented. */
export function asUser(scope: Scope): {
  security: { userToken: [Scope] }[];
  middleware: MiddlewareHandler<ApiEnv>;
} {
  return { security: [{ userToken: [scope] }], middleware: authenticateUser };
}

const authenticateUser: MiddlewareHandler<ApiEnv> = async (c, next) => {
  c.set("principal", await c.var.api.authenticate(c.req.raw, c.env));
  await next();
};

/** For stage-in and stage-out. The token is looked up among those of jobs, where no user's can be found. */
export const asJob: { security: { jobToken: [] }[]; middleware: MiddlewareHandler<ApiEnv> } = {
  security: [{ jobToken: [] }],
  middleware: async (c, next) => {
    const token = readBearer(c.req.raw);
    // Before the body is looked at. The use case asks again, for all that the token opens.
    await requireJobToken(c.var.api.ports, token);
    c.set("jobToken", token);
    await next();
  },
};

/** For everyone. */
export const asAnyone = { security: [] };

/** A JSON answer. */
export function json<T extends z.ZodType>(schema: T, description: string) {
  return { description, content: { "application/json": { schema } } };
}

/** A page of a resource. */
export function jsonPage<T extends z.ZodType>(item: T, description: string) {
  const schema: z.ZodType<Page<z.output<T>>> = pageOf(item);
  return json(schema, `${description}. \`cursor\` is there when there are more: ask again with it.`);
}

/** A JSON body. Unknown fields are refused: a misspelt one would otherwise be ignored in silence. */
export function jsonBody<T extends z.ZodObject>(schema: T) {
  return { required: true, content: { "application/json": { schema: schema.strict() as unknown as T } } };
}

function problem(description: string) {
  return { description, content: { "application/problem+json": { schema: problemSchema } } };
}

/** What any route may answer. */
export const anyProblems = {
  500: problem("Our fault. `instance` names the error in the server's log."),
  503: problem("The platform cannot do it now; try again later."),
};

/** What any route that asks for a token may answer as well. */
export const tokenProblems = {
  ...anyProblems,
  400: problem("The request cannot be understood."),
  401: problem("No token, or one that is unknown, revoked or expired."),
  403: problem("The token lacks the scope."),
  422: problem(
    "The request is understood and cannot be used; `findings` lists each field, and what to send.",
  ),
};

/** What routes with a body may answer as well. */
export const bodyProblems = {
  413: problem("The body is too large."),
  415: problem("The body is not declared as JSON."),
};

export const unavailable = { 501: problem("This server does not have it.") };
export const notFound = { 404: problem("There is none, or none this token may see.") };
export const conflict = { 409: problem("The state of things forbids it.") };
export const limitReached = { 429: problem("A quota is used up.") };

/** A whole number from 0 in a path or query. Empty is none: it would be read as 0. */
export function wholeNumber(most: number) {
  const number = z.int().min(0).max(most);
  return z.preprocess(
    (word) => (typeof word === "string" && word.trim() !== "" ? Number(word) : NaN),
    number,
  );
}

/** `{id}` in a path. */
export function idParam<K extends IdKind>(kind: K) {
  return z.object({
    id: idSchema(kind).meta({ examples: [`${idPrefixes[kind]}_01jd0c2v5w8x9y0z1a2b3c4d5e`] }),
  });
}

/** `{ref}` in a path. */
export const referenceParam = z.object({
  ref: z
    .string()
    .min(1)
    .max(300)
    .meta({
      description:
        "An environment's id, its `name`, or `workspace~name` (the slash is written `~` in a path; `%2F` is understood too). `@3` at the end names a version.",
      examples: ["penguins", "lab~penguins@3"],
    })
    .transform(referenceSegment.parse),
});

/** `{ref}` and `{number}` in a path. */
export const versionParam = referenceParam.extend({
  number: z
    .string()
    .regex(/^[1-9]\d{0,7}$/, "must be a version's number, from 1")
    .meta({ description: "The version's number, from 1.", examples: ["1"] })
    .transform(Number),
});
