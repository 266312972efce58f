import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { commandVariables, substitute } from "./command.ts";

describe("known answers of the contract", () => {
  test("an ingestion command gets the ingestion job's paths", () => {
    expect(
      substitute(
        "python $ingestion_program/ingestion.py $input $output $ingestion_program $submission_program",
        "ingestion",
      ),
    ).toEqual([
      "python",
      "/app/program/ingestion.py",
      "/app/input_data",
      "/app/output",
      "/app/program",
      "/app/ingested_program",
    ]);
  });

  test("a scoring command gets the scoring job's paths", () => {
    expect(substitute("python $program/score.py $input $output", "scoring")).toEqual([
      "python",
      "/app/program/score.py",
      "/app/input",
      "/app/output",
    ]);
  });

  test.each([
    ["program", "/app/program", "/app/program"],
    ["ingestion_program", "/app/program", "/app/program"],
    ["input", "/app/input_data", "/app/input"],
    ["input_data", "/app/input_data", "/app/input_data"],
    ["output", "/app/output", "/app/output"],
    ["tmp", "/app/output", "/app/output"],
    ["submission_program", "/app/ingested_program", "/app/ingested_program"],
    ["hidden", "/app/input/ref", "/app/input/ref"],
    ["predictions", "/app/output", "/app/input/res"],
    ["shared", "/app/shared", "/app/shared"],
  ])("$%s is %s in ingestion and %s in scoring, also in braces", (name, ingestion, scoring) => {
    expect(substitute(`run $${name} \${${name}}/x`, "ingestion")).toEqual([
      "run",
      ingestion,
      `${ingestion}/x`,
    ]);
    expect(substitute(`run $${name} \${${name}}/x`, "scoring")).toEqual(["run", scoring, `${scoring}/x`]);
  });
});

test("the longest name wins", () => {
  expect(substitute("x $input_data $ingestion_programs ${input}_data", "scoring")).toEqual([
    "x",
    "/app/input_data",
    "/app/programs",
    "/app/input_data",
  ]);
});

test("any other word stays as it is written", () => {
  const command = "sh $HOME ${HOME} $ $1 ${input $INPUT";
  expect(substitute(command, "ingestion")).toEqual(command.split(" "));
});

test("a value is never substituted again", () => {
  expect(Object.values(commandVariables.scoring).join("")).not.toContain("$");
});

test("a variable inside quotes is replaced, as upstream does", () => {
  expect(substitute(`sh -c 'ls "$input"'`, "scoring")).toEqual(["sh", "-c", 'ls "/app/input"']);
});

test.each(["", "   ", "''"])("a command that names nothing is refused: %j", (command) => {
  expect(() => substitute(command, "scoring")).toThrow(/names nothing to run/);
});

test("a command without dollar signs and quotes is its words", () => {
  fc.assert(
    fc.property(fc.array(fc.stringMatching(/^[\w./=&|*~<>;-]+$/), { minLength: 1 }), (words) => {
      expect(substitute(words.join("  "), "ingestion")).toEqual(words);
    }),
  );
});
