/** Cases as files, from the scoring program that reports them to the tools that read them. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bundleFiles } from "../support/bundle.ts";
import { linesOf } from "../support/case.ts";
import { type Actor, type Pipeline, openPipeline } from "../support/pipeline.ts";

let pipeline: Pipeline;
let tim: Actor;
let run: string;

const chatInput = [
  { role: "system", content: "Be brief." },
  { role: "user", content: "Capital of France?" },
];
const cases = [
  {
    id: "sum",
    input: "2 + 2?",
    output: "5",
    target: "4",
    passed: false,
    metadata: { level: 1 },
    own: "kept",
  },
  {
    id: "capital",
    input: chatInput,
    output: "Lyon",
    target: ["Paris", "Paris, France"],
    passed: false,
    score: 0.25,
  },
  { id: "no target", input: "Why?", output: "Because", passed: false },
  { id: "formula", input: '=HYPERLINK("http://evil")', output: "+1\n2", target: "-1", passed: false },
  { id: "right", input: "1 + 1?", output: "2", target: "2", passed: true },
  { id: "late", input: "3 + 3?", target: "6", error: { type: "timeout", message: "no answer" } },
];

beforeAll(async () => {
  pipeline = await openPipeline();
  const ada = await pipeline.actor("ada", "author");
  tim = await pipeline.actor("tim", "submit");
  const scoring = { script: "cp /app/input/res/scores.json /app/input/res/results.jsonl /app/output/" };
  await ada.push(bundleFiles({ title: "Open", scoring }));
  await ada.push(bundleFiles({ title: "Closed", scoring, phase: { hide_prediction_output: true } }));
  run = (await evaluate("open", linesOf(cases))).id;
});
afterAll(() => pipeline.close());

function evaluate(environment: string, lines: string) {
  return tim.evaluate(environment, { "scores.json": '{"accuracy": 0, "loss": 0}', "results.jsonl": lines });
}

async function download(query: string, id = run): Promise<{ text: string; headers: Headers }> {
  const answer = await tim.call("GET", `/runs/${id}/cases/export${query}`);
  expect(answer.status).toBe(200);
  return { text: await answer.text(), headers: answer.headers };
}

async function rows(query: string, id = run): Promise<Record<string, unknown>[]> {
  const { text } = await download(query, id);
  return text
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}

describe("cases as a file", () => {
  it("are those that failed, whole, each with where it comes from", async () => {
    const failed = await rows("");
    expect(failed.map(({ id }) => id)).toEqual(["sum", "capital", "no target", "formula"]);
    expect(failed[0]).toMatchObject({
      ...cases[0],
      benchgen: { environment: "open", version: 1, run, task: 0, failure: { category: "incorrect" } },
    });
    const { headers } = await download("");
    expect(headers.get("content-type")).toBe("application/jsonl");
    expect(headers.get("content-disposition")).toContain(`attachment; filename="open-v1-${run}-cases.jsonl"`);
  });

  it("are those of any filter", async () => {
    const idsOf = async (query: string) => (await rows(query)).map(({ id }) => id);
    expect(await idsOf("?outcome=all")).toEqual(cases.map(({ id }) => id));
    expect(await idsOf("?outcome=passed")).toEqual(["right"]);
    expect(await idsOf("?category=error")).toEqual(["late"]);
    expect(await idsOf("?q=PARIS")).toEqual(["capital"]);
    expect(await idsOf("?task=0&category=error")).toEqual(["late"]);
    expect(await tim.problem("GET", `/runs/${run}/cases/export?task=1`)).toMatchObject({
      status: 404,
      detail: 'There is no task "1".',
    });
    expect(await tim.problem("GET", `/runs/${run}/cases/export?format=xml`)).toMatchObject({
      code: "request_invalid",
    });
  });

  it("are spread over a large file without losing or changing one", async () => {
    const many = Array.from({ length: 3000 }, (_, i) => ({
      id: `case ${i}`,
      input: `${i} `.repeat(200),
      passed: i % 7 !== 0,
    }));
    const { id } = await evaluate("open", linesOf(many));
    const failed = many.filter(({ passed }) => !passed);
    expect((await rows("", id)).map(({ id, input }) => ({ id, input }))).toEqual(
      failed.map(({ id, input }) => ({ id, input })),
    );
    expect(await rows("?outcome=all", id)).toHaveLength(3000);
  });

  it("are shown to nobody from whom the phase hides them", async () => {
    const { id } = await evaluate("closed", linesOf(cases));
    expect(await tim.problem("GET", `/runs/${id}/cases/export`)).toMatchObject({ code: "output_hidden" });
    const eve = await pipeline.actor("eve", "submit");
    expect(await eve.problem("GET", `/runs/${run}/cases/export`)).toMatchObject({ code: "not_found" });
  });
});

describe("formats for training", () => {
  it("end each chat with the expected answer, and have no other fields", async () => {
    expect(await rows("?format=chat")).toEqual([
      {
        messages: [
          { role: "user", content: "2 + 2?" },
          { role: "assistant", content: "4" },
        ],
      },
      { messages: [...chatInput, { role: "assistant", content: "Paris" }] },
      {
        messages: [
          { role: "user", content: cases[3]!.input },
          { role: "assistant", content: "-1" },
        ],
      },
    ]);
  });

  it("prefer the expected answer to the given one", async () => {
    const [first, ...others] = await rows("?format=preference&outcome=all");
    expect(first).toEqual({
      input: { messages: [{ role: "user", content: "2 + 2?" }] },
      preferred_output: [{ role: "assistant", content: "4" }],
      non_preferred_output: [{ role: "assistant", content: "5" }],
    });
    // The case that was right has nothing to prefer; the one without an answer nothing to prefer it to.
    expect(others).toHaveLength(2);
  });
});

describe("formats for tools", () => {
  it("hold no formula a spreadsheet would run", async () => {
    const { text, headers } = await download("?format=csv");
    const [header, ...lines] = text.split("\r\n");
    expect(header).toMatch(
      /^environment,version,run,task,id,epoch,outcome,category,score,input,output,target,/,
    );
    expect(lines[0]).toMatch(new RegExp(`^open,1,${run},0,sum,1,failed,incorrect,,2 \\+ 2\\?,5,4,`));
    expect(text).toContain(`"'=HYPERLINK(""http://evil"")","'+1\n2",'-1,`);
    expect(headers.get("content-type")).toBe("text/csv; charset=utf-8");
  });

  it("are samples of Inspect with their scores", async () => {
    const samples = await rows("?format=inspect&outcome=all");
    expect(samples.map(({ id, value }) => [id, value])).toEqual([
      ["sum", "I"],
      ["capital", 0.25],
      ["no target", "I"],
      ["formula", "I"],
      ["right", "C"],
      ["late", null],
    ]);
    expect(samples[1]).toMatchObject({
      input: chatInput,
      target: ["Paris", "Paris, France"],
      answer: "Lyon",
      metadata: { environment: "open", version: 1, run, case: "capital" },
    });
  });

  it("are rollouts of verifiers with their rewards, where they have one", async () => {
    const rollouts = await rows("?format=verifiers&outcome=all");
    expect(rollouts.map(({ example_id, reward }) => [example_id, reward])).toEqual([
      [0, 0],
      [1, 0.25],
      [2, 0],
      [3, 0],
      [4, 1],
    ]);
    expect(rollouts[0]).toMatchObject({
      prompt: [{ role: "user", content: "2 + 2?" }],
      completion: [{ role: "assistant", content: "5" }],
      answer: "4",
      info: { environment: "open", version: 1, run, case: "sum" },
    });
  });
});
