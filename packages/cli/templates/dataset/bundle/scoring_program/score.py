"""Scoring program: compares what the ingestion program wrote with the answers.

usage: score.py INPUT OUTPUT

INPUT/ref/    the reference data of the task
INPUT/res/    the output of the ingestion program
OUTPUT/       scores.json is written here (required), and results.jsonl (optional: the per-case report)
"""

import csv
import json
import sys
from pathlib import Path


def main():
    input_dir, output = map(Path, sys.argv[1:3])
    predictions = json.loads((input_dir / "res" / "predictions.json").read_text(encoding="utf-8"))
    with open(input_dir / "ref" / "answers.csv", newline="", encoding="utf-8") as file:
        targets = {row["id"]: row["size"] for row in csv.DictReader(file)}
    answers = predictions["answers"]

    # The per-case report: one JSON object a line. Required: id, and passed or score.
    with open(output / "results.jsonl", "w", encoding="utf-8") as file:
        for case, target in targets.items():
            passed = answers[case] == target
            result = {"id": case, "output": answers[case], "target": target, "passed": passed}
            file.write(json.dumps(result) + "\n")

    # The scores: a number for each column of the leaderboard. A key that is left out is absent, not zero.
    right = sum(answers[case] == target for case, target in targets.items())
    scores = {"accuracy": right / len(targets), "examples": predictions["examples"]}
    (output / "scores.json").write_text(json.dumps(scores), encoding="utf-8")
    print(f"Scored {len(targets)} cases: {json.dumps(scores)}")


if __name__ == "__main__":
    main()
