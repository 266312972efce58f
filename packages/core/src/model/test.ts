/** One small call to a model: whether its URL, its id and its key are right. */
import { type Principal, requireScope } from "../access/principal.ts";
import { parseJson, readBody } from "../gateway/body.ts";
import { costOf, usdOf } from "../gateway/price.ts";
import { type UpstreamProblem, problemOfAnswer } from "../gateway/upstream-answer.ts";
import { readUsage } from "../gateway/usage.ts";
import { type Ports, UpstreamFailed } from "../ports.ts";
import type { ModelTest } from "../wire/api.ts";
import { endpointHeaders } from "./endpoint.ts";
import { type ModelRecord, loadModel, modelSecret } from "./record.ts";

const maxAnswerBytes = 1024 * 1024;
const maxShown = 200;
/** A model that takes longer to say one word is of no use to a run. */
const patienceMs = 60_000;

/** Asks the model for one word. That it fails is an answer, not an error. @throws NotFound */
export async function testModel(
  ports: Pick<Ports, "table" | "secrets" | "upstream" | "clock">,
  principal: Principal,
  name: string,
): Promise<ModelTest> {
  requireScope(principal, "author");
  const model = await loadModel(ports.table, principal.workspace, name);
  const key = await ports.secrets.get(modelSecret(model.id));
  const startedAt = ports.clock.now().getTime();
  const seen = await callOnce(ports, model, key);
  return { ...seen, latencyMs: ports.clock.now().getTime() - startedAt };
}

async function callOnce(
  { upstream }: Pick<Ports, "upstream">,
  model: ModelRecord,
  key: string | undefined,
): Promise<Omit<ModelTest, "latencyMs">> {
  try {
    const response = await upstream.send({
      method: "POST",
      url: `${model.baseUrl}/chat/completions`,
      headers: endpointHeaders(key),
      body: new TextEncoder().encode(
        JSON.stringify({
          model: model.model,
          messages: [{ role: "user", content: "Answer with the one word: ready" }],
        }),
      ),
      signal: AbortSignal.timeout(patienceMs),
    });
    const { bytes } = await readBody(response.body, maxAnswerBytes);
    const { status } = response;
    const problem = problemOfAnswer(status, new TextDecoder().decode(bytes), key);
    return problem === undefined
      ? { status, ...judge(parseJson(bytes), model) }
      : { ok: false, status, problem };
  } catch (error) {
    return { ok: false, problem: problemOfFault(error) };
  }
}

function judge(answer: unknown, model: ModelRecord): Omit<ModelTest, "latencyMs" | "status"> {
  const { choices } = Object(answer) as { choices?: { message?: { content?: unknown } }[] };
  const message = Array.isArray(choices) ? choices[0]?.message : undefined;
  if (typeof message !== "object" || message === null) {
    const problem: UpstreamProblem = {
      code: "upstream_unreadable",
      message: "The endpoint answered, and not as OpenAI's chat completions do.",
      hint: "Look at the model's base URL: it ends in /v1 mostly.",
    };
    return { ok: false, problem };
  }
  const usage = readUsage(answer);
  const cost = usage === undefined ? undefined : costOf(usage, model.prices);
  return {
    ok: true,
    answer: typeof message.content === "string" ? message.content.slice(0, maxShown) : "",
    ...(usage === undefined
      ? {}
      : { usage: { inputTokens: usage.inputTokens, outputTokens: usage.outputTokens } }),
    ...(cost === undefined ? {} : { costUsd: usdOf(cost) }),
  };
}

function problemOfFault(error: unknown): UpstreamProblem {
  if (error instanceof UpstreamFailed) return { code: `upstream_${error.fault}`, message: error.message };
  if ((error as { name?: unknown }).name === "TimeoutError") {
    return { code: "upstream_slow", message: `No answer came within ${patienceMs / 1000} seconds.` };
  }
  throw error;
}
