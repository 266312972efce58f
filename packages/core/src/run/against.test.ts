import { describe, expect, it } from "vitest";
import { submissionKinds } from "../wire/api.ts";
import { type Against, requireNoSubmission } from "./against.ts";

const grant = {
  modelId: "mod_01jd0c2v5w8x9y0z1a2b3c4d5e",
  name: "mini",
  baseUrl: "https://api.example.com/v1",
  model: "mini-1",
  hasKey: true,
} as const;
const against = (grants: Against["grants"]): Against => ({ grants, budget: {}, options: {} });

describe("where a program with a model reaches the internet", () => {
  const refused = (run: Parameters<typeof requireNoSubmission>[0]) => {
    try {
      requireNoSubmission(run);
      return undefined;
    } catch (error) {
      return (error as { code: string }).code;
    }
  };

  it("it is given no code and no data of a submitter", () => {
    const found = submissionKinds.map((as) => [as, refused({ as, against: against({ ingestion: grant }) })]);
    expect(Object.fromEntries(found)).toEqual({
      predictions: undefined,
      code: "executor_missing",
      dataset: "executor_missing",
      model: undefined,
    });
  });

  it("a judge is no hindrance: the program that runs a submission has no model then, and no network", () => {
    expect(refused({ as: "code", against: against({ scoring: grant }) })).toBeUndefined();
    expect(refused({ as: "code" })).toBeUndefined();
  });
});
