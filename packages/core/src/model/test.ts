/** One small call to a model: whether its URL, its id and its key are right. */
import { type Principal, requireScope } from "../access/principal.ts";
import { costOf, usdOf } from "../gateway/price.ts";
import type { UpstreamProblem } from "../gateway/upstream-answer.ts";
import { readUsage } from "../gateway/usage.ts";
import type { Ports } from "../ports.ts";
import type { Model, ModelTest } from "../wire/api.ts";
import { complete, messageOfAnswer } from "./complete.ts";
import { loadModel, modelSecret } from "./record.ts";

const maxShown = 200;
/** A model that takes longer to say one word is of no use to a run. */
const patienceMs = 60_000;
const messages = [{ role: "user", content: "Answer with the one word: ready" }];

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
  const signal = AbortSignal.timeout(patienceMs);
  const { status, answer, problem } = await complete(ports, { model, key }, { messages, signal });
  return {
    ...(status === undefined ? {} : { status }),
    ...(problem === undefined ? resultOf(answer, model) : { ok: false, problem }),
    latencyMs: ports.clock.now().getTime() - startedAt,
  };
}

function resultOf(answer: unknown, model: Model): Omit<ModelTest, "latencyMs" | "status"> {
  const message = messageOfAnswer(answer);
  if (message === undefined) {
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
