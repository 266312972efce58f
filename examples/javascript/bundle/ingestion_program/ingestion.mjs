/**
 * Ingestion program: imports the submitted module and asks it about one text at a time.
 *
 * usage: node ingestion.mjs INPUT_DATA OUTPUT SUBMISSION
 *
 * INPUT_DATA/cases.json    a list of { id, text }
 * SUBMISSION/duration.mjs  its default export is a function: text in; seconds, or null when it does not know, out
 * OUTPUT/predictions.json  a list of { id, seconds, latency_ms }
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const [inputData, output, submission] = process.argv.slice(2);

/** Ends the program. What is written to stderr is what the participant reads. */
function fail(message, error) {
  if (error) console.error(error);
  console.error(`error: ${message}`);
  process.exit(1);
}

async function loadFunction() {
  const file = join(submission, "duration.mjs");
  if (!existsSync(file)) {
    const found = readdirSync(submission).join(", ") || "nothing";
    fail(`the submission has no duration.mjs at its top level; it holds: ${found}`);
  }
  const module = await import(pathToFileURL(file)).catch((error) =>
    fail("duration.mjs could not be imported (see above)", error),
  );
  if (typeof module.default !== "function") fail("duration.mjs has no function as its default export");
  return module.default;
}

const cases = JSON.parse(readFileSync(join(inputData, "cases.json"), "utf8"));
const secondsOf = await loadFunction();
const predictions = [];

for (const { id, text } of cases) {
  const started = performance.now();
  let seconds;
  try {
    seconds = await secondsOf(text);
  } catch (error) {
    fail(`the submission threw on case ${id}`, error);
  }
  if (seconds !== null && !Number.isFinite(seconds)) {
    const got = typeof seconds === "string" ? JSON.stringify(seconds) : String(seconds);
    fail(`case ${id}: a finite number or null is expected, and the submission returned ${got}`);
  }
  predictions.push({ id, seconds, latency_ms: Number((performance.now() - started).toFixed(3)) });
  const done = predictions.length;
  if (done % 10 === 0 || done === cases.length) {
    console.log(`Processing: ${done}/${cases.length} (${Math.floor((100 * done) / cases.length)}%)`);
  }
}

writeFileSync(join(output, "predictions.json"), JSON.stringify(predictions));
