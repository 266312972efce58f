/** From HTTP answers to values or errors a person understands. */
import { messageOf } from "@benchgen/core/error.ts";
import { type Problem, problemSchema } from "@benchgen/core/wire/api.ts";
import type * as z from "zod";
import { CliError, exitCode } from "../error.ts";

const hints: Record<string, string> = {
  token_missing:
    "Give it with --token TOKEN, or in BENCHGEN_TOKEN. An administrator makes one with: benchgen token create NAME",
  token_invalid:
    "Give another with --token TOKEN, or in BENCHGEN_TOKEN. An administrator makes one with: benchgen token create NAME",
};

/** @throws CliError when the answer is not a success */
export async function requireSuccess(response: Response): Promise<Response> {
  if (response.ok) return response;
  throw problemError(await readProblem(response));
}

/** The body of a success, checked. @throws CliError also when whoever answered is not benchgen */
export async function readJson<S extends z.ZodType>(response: Response, schema: S): Promise<z.infer<S>> {
  await requireSuccess(response);
  const parsed = schema.safeParse(await response.json().catch(() => undefined));
  if (parsed.success) return parsed.data;
  throw new CliError(
    "not_benchgen",
    `${response.url || "The server"} gave an answer this benchgen does not understand.`,
    {
      exit: exitCode.failed,
      hint: "Check the URL, and that server and command have the same version: benchgen doctor",
      cause: parsed.error,
    },
  );
}

/** A problem as the error to show. The client's own mistakes are usage errors. */
function problemError(problem: Problem): CliError {
  return new CliError(problem.code, problem.detail, {
    hint: hints[problem.code] ?? problem.hint,
    findings: problem.findings ?? [],
    exit: problem.status < 500 && problem.status !== 429 ? exitCode.usage : exitCode.failed,
  });
}

async function readProblem(response: Response): Promise<Problem> {
  const body = await response.text().catch((error: unknown) => messageOf(error));
  const parsed = problemSchema.safeParse(parseJson(body));
  if (parsed.success) return parsed.data;
  return {
    type: "about:blank",
    title: response.statusText,
    status: response.status,
    code: "http_error",
    detail: `The server answered ${response.status} ${response.statusText}${briefly(body)}`,
  };
}

/** What a store such as S3 says is XML; its message is worth showing, its markup is not. */
function briefly(body: string): string {
  const message = /<Message>([^<]{1,300})<\/Message>/.exec(body)?.[1] ?? (body.startsWith("<") ? "" : body);
  return message.trim() === "" ? "." : `: ${message.trim().slice(0, 300)}`;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
