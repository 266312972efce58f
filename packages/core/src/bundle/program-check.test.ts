import { expect, test } from "vitest";
import { scriptsOf } from "./program-check.ts";

test.each([
  ["python3 score.py --in a.csv", ["score.py"]],
  ["python3 -u ./src/score.py /app/input", ["src/score.py"]],
  ["python /app/program/ingestion.py /app/input_data /app/output", ["ingestion.py"]],
  ["/app/program//run.sh --config=/app/program/config.json", ["run.sh"]],
  ["python3 -m score.py", []],
  ["sh -c python3_score.py", []],
  ["Rscript --vanilla score.R", ["score.R"]],
  ["python3 /opt/tools/score.py", []],
  ["./evaluate", []],
])("finds the scripts of %j", (command, scripts) => {
  expect(scriptsOf(command.split(" "))).toEqual(scripts);
});
