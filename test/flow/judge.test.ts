/** A scoring program that asks a judge: a model, a token and calls of its own, within the budget of the run. */
import { existsSync } from "node:fs";
import { type CreateRun, type Run, modelSchema } from "@benchgen/core/wire/api.ts";
import { type Solver, startSolver } from "@benchgen/cli/solver/server.ts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bundleFiles } from "../support/bundle.ts";
import { type Actor, type Pipeline, openPipeline } from "../support/pipeline.ts";

const hasPython = existsSync("/usr/bin/python3");
if (!hasPython) console.warn("NOT TESTED: scoring programs with a judge: there is no /usr/bin/python3 here.");

/** Each program asks for the other's model by name, and the scorer tries the token that the ingestion program leaked. */
const chat = `import json, os, urllib.error, urllib.request
def ask(model, token):
    body = json.dumps({"model": model, "messages": [{"role": "user", "content": "What is 17 + 4?"}], "max_tokens": 8})
    request = urllib.request.Request(os.environ["OPENAI_BASE_URL"] + "/chat/completions", data=body.encode(),
        headers={"Authorization": "Bearer " + token, "Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=60) as response:
            return response.status, json.load(response)["choices"][0]["message"]["content"]
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)["error"]["code"]
`;
const ingestion = `${chat}
token = os.environ["OPENAI_API_KEY"]
json.dump({"token": token, "said": ask("the-judge", token)}, open("/app/output/said.json", "w"))
`;
const scoring = `${chat}
said = json.load(open("/app/input/res/said.json"))
own = os.environ.get("OPENAI_API_KEY")
if own is None:
    own, judged = "", [0, "no judge"]
else:
    judged, leaked = ask("the-model", own), ask("the-judge", said["token"])
    print("judged", *judged, "leaked", *leaked, "shared", own == said["token"])
json.dump({"accuracy": 1 if judged[0] == 200 else 0, "loss": said["said"][0]}, open("/app/output/scores.json", "w"))
`;

let pipeline: Pipeline;
let author: Actor;
let model: Solver;
let judge: Solver;

beforeAll(async () => {
  pipeline = await openPipeline();
  author = await pipeline.actor("ada", "author");
  if (!hasPython) return;
  [model, judge] = [await startSolver({ key: "key-of-model" }), await startSolver({ key: "key-of-judge" })];
  const prices = { input: 1, output: 2, version: "2026-01" };
  const add = (name: string, { url }: Solver, key: string) =>
    author.json(modelSchema, "POST", "/models", { name, baseUrl: url, model: `the-${name}`, key, prices });
  await add("model", model, "key-of-model");
  await add("judge", judge, "key-of-judge");
  const command = (file: string) => ({ command: `python3 $program/${file}` });
  await author.push(
    bundleFiles({
      title: "Judged",
      ingestion: { script: "", metadata: command("ask.py") },
      scoring: { script: "", metadata: { ...command("judge.py"), judge_model: "the-judge" } },
      files: { "ingestion_program/ask.py": ingestion, "scoring_program/judge.py": scoring },
    }),
  );
});

afterAll(async () => {
  await Promise.all([model?.close(), judge?.close()]);
  await pipeline.close();
});

async function run(more: Partial<CreateRun>): Promise<Run> {
  return author.ended((await author.start({ environment: "judged", model: "model", ...more })).id);
}

describe.skipIf(!hasPython)("a scoring program that asks a judge", () => {
  it("reaches it through its sandbox, with a token that opens nothing else, as the other's does not open it", async () => {
    const ended = await run({ judge: "judge" });
    expect(ended).toMatchObject({ status: "succeeded", scores: { accuracy: 1, loss: 200 } });
    expect(await author.log(ended.id)).toContain("judged 200 21 leaked 401 token_invalid shared False");
    expect(model.calls.map(({ body }) => body.model)).toEqual(["the-model"]);
    expect(judge.calls.map(({ body }) => body.model)).toEqual(["the-judge"]);
    expect(ended).toMatchObject({ usage: { calls: 2 }, judge: { name: "judge", model: "the-judge" } });
    expect(ended.tasks[0]!.notes).toEqual([]);
  });

  it("shares the budget of the run with the model", async () => {
    const ended = await run({ judge: "judge", maxCalls: 1 });
    expect(ended).toMatchObject({ reason: { code: "limit" }, scores: { accuracy: 0, loss: 200 } });
    expect(ended.usage).toMatchObject({ calls: 1, endedBy: "calls" });
    expect(ended.reason?.message).toContain("budget of 1 call was used up");
    expect(await author.log(ended.id)).toContain("judged 429 budget_exhausted");
  });

  it("gets no token from a run that names no judge, and the run's notes say so", async () => {
    const ended = await run({});
    expect(ended).toMatchObject({ status: "succeeded", scores: { accuracy: 0, loss: 200 } });
    expect(ended.tasks[0]!.notes).toEqual([
      "Its scoring program asks a judge model, and the run named none: --judge NAME. It was made for the-judge.",
    ]);
  });
});
