/** What functions are told against what they ask: both ways, read from the code each bundle really holds. */
import { build } from "esbuild";
import { beforeAll, expect, it } from "vitest";
import { bundleOptions, functionNames } from "../../packages/functions/bundle.ts";
import { type Synthesis, synthesise } from "../support/stacks/synthesis.ts";

/** Asked for by whoever describes a job to ECS: in every bundle that can stop jobs, and used by `plan` alone. */
const ofDescribing = [
  "BENCHGEN_TASK_PREFIX",
  "BENCHGEN_RUNNER_IMAGE",
  "BENCHGEN_DEFAULT_IMAGE",
  "BENCHGEN_ARCHITECTURE",
  "BENCHGEN_EXECUTION_ROLE_ARN",
  "BENCHGEN_LOG_GROUP",
  "BENCHGEN_API_URL",
  "BENCHGEN_MODEL_NETWORK",
];
/** They read the jobs' logs, or are given their lines. */
const ofLogs = ["api", "progress"];

let made: Synthesis;
beforeAll(async () => {
  made = await synthesise();
});

it.each(functionNames)("%s is told what it asks for, and nothing else", async (name) => {
  const isUsed = (variable: string) =>
    name === "plan" ||
    !ofDescribing.includes(variable) ||
    (ofLogs.includes(name) && variable === "BENCHGEN_LOG_GROUP");
  const asked = (await variablesOf(name)).filter(isUsed);
  const [found] = made
    .ofType("AWS::Lambda::Function")
    .filter(({ Properties }) => Properties["FunctionName"] === `benchgen-test-${name}`);
  const told = Object.keys(found!.Properties["Environment"].Variables).filter((key) =>
    key.startsWith("BENCHGEN_"),
  );
  expect(new Set(told)).toEqual(new Set(asked));
});

async function variablesOf(name: string): Promise<string[]> {
  const options = {
    ...bundleOptions(`packages/functions/src/${name}.ts`),
    minifySyntax: true,
    minify: false,
  };
  const { outputFiles } = await build({ ...options, outdir: "out", write: false, logLevel: "silent" });
  const asked = outputFiles.flatMap(({ text }) => [...text.matchAll(/\bsetting\("(BENCHGEN_\w+)"\)/g)]);
  // Only tests say where stand-ins for AWS are.
  return asked.map(([, variable]) => variable!).filter((variable) => variable !== "BENCHGEN_AWS_ENDPOINTS");
}
