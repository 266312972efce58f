/** Whether, when and with which rights a deployment deletes content that nothing names. */
import { beforeAll, describe, expect, it } from "vitest";
import { statementsOf } from "../support/stacks/policy.ts";
import { type Synthesis, synthesise } from "../support/stacks/synthesis.ts";

const named = (made: Synthesis, type: string, property: string) =>
  made.ofType(type).filter(({ Properties }) => Properties[property] === "benchgen-test-prune");

describe("where the operator wants it", () => {
  let made: Synthesis;
  beforeAll(async () => {
    made = await synthesise({ settings: { unusedContentDays: 45 } });
  });

  it("looks once a week, for content as old as the operator says", () => {
    const [rule] = named(made, "AWS::Events::Rule", "Name");
    expect(rule!.Properties).toMatchObject({ ScheduleExpression: "rate(7 days)", State: "ENABLED" });
    const [found] = named(made, "AWS::Lambda::Function", "FunctionName");
    expect(found!.Properties["Environment"].Variables).toMatchObject({ BENCHGEN_UNUSED_CONTENT_DAYS: "45" });
  });

  it("may read names and content, and delete content, and nothing that is no content", () => {
    const allowed = statementsOf(made)
      .filter(({ of, resource }) => of.includes("prunerole") && resource.Type === "AWS::IAM::Role")
      .map(({ statement }) => statement)
      .filter(({ Principal }) => Principal === undefined);
    const actions = allowed.flatMap(({ Action }) => Action);
    expect(actions.filter((action) => !/^(logs|sqs):/.test(action)).toSorted()).toEqual([
      "dynamodb:DeleteItem",
      "dynamodb:GetItem",
      "dynamodb:Scan",
      "dynamodb:UpdateItem",
      "s3:DeleteObject",
      "s3:GetObject",
      "s3:ListBucket",
    ]);
    const onObjects = allowed.filter(({ Action }) => [Action].flat().includes("s3:DeleteObject"));
    const resources = JSON.stringify(onObjects.map(({ Resource }) => Resource));
    expect(resources).toContain("/blobs/*");
    expect(resources).not.toMatch(/uploads|runs|checked|made/);
  });
});

it("does nothing where the operator does not want it", async () => {
  const made = await synthesise({ settings: { unusedContentDays: null } });
  expect(named(made, "AWS::Events::Rule", "Name")).toEqual([]);
  expect(named(made, "AWS::Lambda::Function", "FunctionName")).toEqual([]);
});
