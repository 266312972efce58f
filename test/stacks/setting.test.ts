import { describe, expect, it } from "vitest";
import { parseSettings, readSettings } from "../../stacks/setting.ts";

const parse = (settings: unknown, stage = "test") =>
  parseSettings(
    typeof settings === "string" ? settings : JSON.stringify(settings),
    stage,
    "stages/test.json",
  );

it("has defaults for everything", () => {
  expect(parse({})).toEqual({
    network: "public",
    architecture: "X86_64",
    ingestionSpot: false,
    defaultImage: "public.ecr.aws/docker/library/python:3.13-slim",
    imageRepositories: [],
    ceilings: {},
    allowNetwork: false,
    modelNetwork: "gateway",
    corsOrigins: [],
    logRetentionDays: 30,
    retain: false,
    unusedContentDays: 30,
    apiRateLimit: 50,
    apiBurstLimit: 100,
  });
});

it("keeps the data of the stage called production, unless told otherwise", () => {
  expect(parse({}, "production").retain).toBe(true);
  expect(parse({ retain: false }, "production").retain).toBe(false);
  expect(parse({ retain: true }, "ada").retain).toBe(true);
});

it("takes the defaults for a stage without a file", () => {
  expect(readSettings("stages", "nobody-made-this")).toEqual(parse({}));
});

describe("says which file is wrong, where, and how, about", () => {
  it.each([
    ["text that is no JSON", "{", "stages/test.json is no JSON: "],
    ["a field nobody knows", { netwrok: "public" }, "(all): Unrecognized key"],
    ["a network there is none of", { network: "private" }, "network: "],
    ["a limit there is none of", { ceilings: { memoryGb: 4 } }, "ceilings: Unrecognized key"],
    [
      "a retention CloudWatch does not have",
      { logRetentionDays: 31 },
      "logRetentionDays: must be one of 1, 3, 5",
    ],
    [
      "an origin with a path",
      { corsOrigins: ["https://a.example/hub"] },
      "corsOrigins.0: an origin has no path",
    ],
    [
      "a webhook without encryption",
      { notify: { kind: "webhook", url: "http://a.example", secretName: "s" } },
      "notify.url: must be an https:// URL",
    ],
    ["days that are none", { unusedContentDays: "never" }, "unusedContentDays: "],
    ["a budget nobody hears of", { budgetUsd: 10 }, "budgetUsd: needs alarmEmail"],
    ["an isolated network with a public image", { network: "isolated" }, "defaultImage: must be in ECR"],
    [
      "an isolated network that is open",
      {
        network: "isolated",
        allowNetwork: true,
        defaultImage: "123456789012.dkr.ecr.eu-central-1.amazonaws.com/a:1",
      },
      "allowNetwork: there is no network to allow",
    ],
    ["a network of models there is none of", { modelNetwork: "open" }, "modelNetwork: "],
    ["a gateway that takes no calls", { gatewayConcurrency: 0 }, "gatewayConcurrency: Too small"],
    ["a region that is none", { region: "Frankfurt" }, "region: is no region: eu-central-1"],
  ])("%s", (_what, settings, message) => {
    expect(() => parse(settings)).toThrow("stages/test.json");
    expect(() => parse(settings)).toThrow(message);
  });
});

it.each(["Production", "1st", "a_b", "", "a".repeat(33), "../x"])("refuses a stage called %j", (stage) => {
  expect(() => readSettings("stages", stage)).toThrow("cannot be the name of a stage");
});
