/** What a program reads of its model, with a submission beside it and without. */
import { existsSync } from "node:fs";
import { modelSchema } from "@benchgen/core/wire/api.ts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { echoBundle } from "../support/api.ts";
import { type Actor, type Pipeline, openPipeline } from "../support/pipeline.ts";

/** Its ingestion program hands on what lies where a submission does; the score is how often the model is named there. */
const bundle = {
  ...echoBundle,
  "competition.yaml": echoBundle["competition.yaml"]!.replace(
    "    scoring_program:",
    "    ingestion_program: ingestion_program\n    scoring_program:",
  ),
  "ingestion_program/metadata.yaml": "command: sh $ingestion_program/ingest.sh $output\n",
  "ingestion_program/ingest.sh": `cd /app/ingested_program
ls
cat model.json
cat model.json | tr , '\\n' | grep -c -e mini -e '"limit": 7' > "$1/answer.txt"
exit 0
`,
};

let pipeline: Pipeline;
let author: Actor;

beforeAll(async () => {
  pipeline = await openPipeline();
  author = await pipeline.actor("ada", "author");
  await author.push(bundle, { environment: "echo" });
  const body = { name: "mini", baseUrl: "http://127.0.0.1:9/v1", model: "mini-1" };
  await author.json(modelSchema, "POST", "/models", body);
});

afterAll(() => pipeline.close());

const logOf = async (id: string) => (await author.call("GET", `/runs/${id}/logs`)).text();

describe.skipIf(!existsSync("/bin/sh"))("model.json", () => {
  it("stands where a submission would", async () => {
    const run = await author.ended((await author.start({ environment: "echo", model: "mini", limit: 7 })).id);
    expect(run).toMatchObject({ status: "succeeded", scores: { accuracy: 3 } });
  });

  it("lies beside a submission", async () => {
    const run = await author.evaluate("echo", { "agent.py": "" }, { model: "mini", limit: 7 });
    expect(run).toMatchObject({ status: "succeeded", scores: { accuracy: 3 } });
    expect(await logOf(run.id)).toContain("agent.py");
  });

  it("leaves a submission's own file of that name alone, and a directory too", async () => {
    const own = await author.evaluate("echo", { "model.json": '{"trees": []}' }, { model: "mini" });
    expect(own).toMatchObject({ status: "succeeded", scores: { accuracy: 0 } });
    expect(await logOf(own.id)).toContain("trees");
    const directory = await author.evaluate("echo", { "model.json/weights": "" }, { model: "mini" });
    expect(directory).toMatchObject({ status: "succeeded", scores: { accuracy: 0 } });
  });

  it("is not there without a model", async () => {
    const run = await author.evaluate("echo", { "agent.py": "" });
    expect(run).toMatchObject({ status: "succeeded", scores: { accuracy: 0 } });
  });
});
