"""Scoring program: compares what the ingestion program wrote with the answers.

usage: score.py INPUT OUTPUT

INPUT/ref/    the reference data of the task
INPUT/res/    the output of the ingestion program
OUTPUT/       scores.json is written here (required), and results.jsonl (optional: the per-case report)
"""

import json
import math
import sys
from pathlib import Path


def fail(message):
    """A wrong submission ends here. The participant reads stderr; exit code 1 fails the run."""
    print(f"error: {message}", file=sys.stderr)
    sys.exit(1)


def main():
    input_dir, output = map(Path, sys.argv[1:3])
    answers = json.loads((input_dir / "ref" / "answers.json").read_text(encoding="utf-8"))
    path = input_dir / "res" / "predictions.json"
    # Predictions may also be sent as they are, without the ingestion program: trust nothing in this file.
    if not path.is_file():
        fail(f"there is no {path.name}")
    predictions = json.loads(path.read_text(encoding="utf-8"))
    missing = answers.keys() - predictions.keys()
    if missing:
        fail(f"{path.name} has nothing for case {min(missing)}")
    errors = {case: abs(predictions[case] - target) for case, target in answers.items()}
    for case, error in errors.items():
        if not math.isfinite(error):
            fail(f"the prediction for case {case} is not a finite number")

    # The per-case report: one JSON object a line. Required: id, and passed or score.
    with open(output / "results.jsonl", "w", encoding="utf-8") as file:
        for case, target in answers.items():
            passed = errors[case] < 0.5
            result = {"id": case, "output": str(predictions[case]), "target": str(target), "passed": passed}
            file.write(json.dumps(result) + "\n")

    # The scores: a number for each column of the leaderboard. A key that is left out is absent, not zero.
    scores = {
        "accuracy": sum(error < 0.5 for error in errors.values()) / len(errors),
        "mean_error": sum(errors.values()) / len(errors),
        "worst_error": max(errors.values()),
    }
    (output / "scores.json").write_text(json.dumps(scores), encoding="utf-8")
    print(f"Scored {len(answers)} cases: {json.dumps(scores)}")


if __name__ == "__main__":
    main()
