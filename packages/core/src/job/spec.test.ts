import { describe, expect, test } from "vitest";
import { jobSpecSchema } from "../wire/job.ts";
import { defaultLimits } from "./limits.ts";
import { buildJobSpec, type JobSpecRequest } from "./spec.ts";

const blob = (name: string) => ({ blob: `blobs/${name}`, size: 1, unpack: true });
const request = (changes: Partial<JobSpecRequest>): JobSpecRequest => ({
  jobId: "job_01jd0c2v5w8x9y0z1a2b3c4d5e",
  runId: "run_01jd0c2v5w8x9y0z1a2b3c4d5e",
  taskIndex: 3,
  kind: "scoring",
  limits: defaultLimits,
  network: "none",
  programs: {
    ingestion: { input: blob("ingestion"), metadata: { command: "python $program/i.py $input" } },
    scoring: { input: blob("scoring"), metadata: { command: "python $program/s.py $input" } },
  },
  data: {
    inputData: blob("input"),
    referenceData: blob("reference"),
    submission: blob("submission"),
    predictions: blob("predictions"),
  },
  ...changes,
});
const seenBy = (spec: ReturnType<typeof buildJobSpec>) =>
  Object.fromEntries(spec.inputs.map((input) => [`${input.program} ${input.path}`, input.blob]));

describe("each kind of job places exactly what the contract's table says", () => {
  test("an ingestion job sees the program, the input data and the submission, never reference data", () => {
    expect(seenBy(buildJobSpec(request({ kind: "ingestion" })))).toEqual({
      "ingestion /app/program": "blobs/ingestion",
      "ingestion /app/input_data": "blobs/input",
      "ingestion /app/ingested_program": "blobs/submission",
    });
  });

  test("a scoring job sees the program, the predictions and the reference data", () => {
    expect(seenBy(buildJobSpec(request({ kind: "scoring" })))).toEqual({
      "scoring /app/program": "blobs/scoring",
      "scoring /app/input/res": "blobs/predictions",
      "scoring /app/input/ref": "blobs/reference",
    });
  });

  test("a concurrent job gives reference data to the scoring program only", () => {
    expect(seenBy(buildJobSpec(request({ kind: "concurrent" })))).toEqual({
      "ingestion /app/program": "blobs/ingestion",
      "ingestion /app/input_data": "blobs/input",
      "ingestion /app/ingested_program": "blobs/submission",
      "ingestion /app/input/res": "blobs/submission",
      "scoring /app/program": "blobs/scoring",
      "scoring /app/input/res": "blobs/submission",
      "scoring /app/input/ref": "blobs/reference",
    });
  });
});

test("what is to be read of a model lies where the ingestion program finds its submission", () => {
  const spec = buildJobSpec(request({ kind: "concurrent", modelText: "{}" }));
  expect(jobSpecSchema.parse(spec).texts).toEqual([
    { path: "/app/ingested_program/model.json", program: "ingestion", text: "{}" },
  ]);
  expect(buildJobSpec(request({})).texts).toBeUndefined();
});

test("a spec passes its own schema and carries the earlier ingestion's exit", () => {
  const ingestion = { exitCode: 0, elapsedSeconds: 1.5 };
  const spec = buildJobSpec(request({ ingestion }));
  expect(jobSpecSchema.parse(spec)).toEqual(spec);
  expect(spec.ingestion).toEqual(ingestion);
  expect(spec.directories).toEqual(["/app/output", "/app/shared"]);
});

test("a program's environment holds the contract's names and what the run adds, no more", () => {
  const spec = buildJobSpec(request({ environment: { scoring: { OPENAI_BASE_URL: "http://x" } } }));
  expect(spec.programs[0]?.environment).toEqual({
    OPENAI_BASE_URL: "http://x",
    PYTHONUNBUFFERED: "1",
    HOME: "/tmp",
    BENCHGEN_RUN_ID: "run_01jd0c2v5w8x9y0z1a2b3c4d5e",
    BENCHGEN_TASK_INDEX: "3",
    program: "/app/program",
    ingestion_program: "/app/program",
    input: "/app/input",
    input_data: "/app/input_data",
    output: "/app/output",
    tmp: "/app/output",
    submission_program: "/app/ingested_program",
    hidden: "/app/input/ref",
    predictions: "/app/input/res",
    shared: "/app/shared",
  });
});

test("a kind whose program is missing is refused", () => {
  expect(() => buildJobSpec(request({ kind: "concurrent", programs: {} }))).toThrow(
    /needs the ingestion program/,
  );
});
