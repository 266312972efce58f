/**
 * Scoring program: the share of right answers, for each kind of text.
 *
 * usage: node score.mjs INPUT OUTPUT
 *
 * INPUT/ref/answers.json      a list of { id, kind, text, seconds }
 * INPUT/res/predictions.json  a list of { id, seconds, latency_ms }
 * OUTPUT/scores.json          column key -> number: the leaderboard
 * OUTPUT/results.jsonl        one case per line: the per-case report
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const [input, output] = process.argv.slice(2);

/** A wrong submission ends here: one sentence on stderr and exit code 1, never a score of zero. */
function fail(message) {
  console.error(`error: ${message}`);
  process.exit(1);
}

/** Predictions by case id. They may have been sent as they are, without the ingestion program: nothing is trusted. */
function readPredictions(file, answers) {
  let list;
  try {
    list = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    fail(`predictions.json could not be read: ${error.message}`);
  }
  if (!Array.isArray(list)) fail("predictions.json is not a list");
  const byId = new Map(list.map((prediction) => [prediction?.id, prediction]));
  const missing = answers.find(({ id }) => !byId.has(id));
  if (missing) fail(`predictions.json has nothing for case ${missing.id}`);
  if (list.length !== answers.length) {
    fail(`predictions.json has ${list.length} entries where ${answers.length} are expected`);
  }
  return byId;
}

const answers = JSON.parse(readFileSync(join(input, "ref", "answers.json"), "utf8"));
const predictions = readPredictions(join(input, "res", "predictions.json"), answers);

const cases = answers.map(({ id, kind, text, seconds: target }) => {
  const { seconds, latency_ms } = predictions.get(id);
  const answered = typeof seconds === "number";
  return {
    id,
    input: text,
    output: answered ? String(seconds) : "",
    target: String(target),
    passed: seconds === target,
    latency_ms,
    metadata: { kind, answered },
  };
});

const scores = { unanswered: cases.filter((item) => !item.metadata.answered).length };
for (const kind of new Set(answers.map((answer) => answer.kind))) {
  const group = cases.filter((item) => item.metadata.kind === kind);
  scores[kind] = group.filter((item) => item.passed).length / group.length;
}

writeFileSync(join(output, "results.jsonl"), cases.map((item) => `${JSON.stringify(item)}\n`).join(""));
writeFileSync(join(output, "scores.json"), JSON.stringify(scores));
console.log(`Scored ${cases.length} cases: ${JSON.stringify(scores)}`);
