"""Scoring program: how many cultivators were right?

usage: score.py INPUT OUTPUT

INPUT/ref/answers.csv        the test wines and their cultivators
INPUT/res/                   what the ingestion program wrote: predictions.csv, training_wines.txt
OUTPUT/scores.json           column key -> number: the leaderboard
OUTPUT/results.jsonl         one wine per line: the per-case report
"""

import csv
import json
import sys
from pathlib import Path
from statistics import fmean


def read_rows(path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def main():
    input_dir, output = map(Path, sys.argv[1:3])
    # Written by the ingestion program, not by the participant: a missing file or row here is a bug of ours, and a
    # traceback says more than a kind sentence would.
    predictions = {row["id"]: row["prediction"] for row in read_rows(input_dir / "res" / "predictions.csv")}
    cases = [
        {
            "id": row["id"],
            "input": ", ".join(f"{name}: {row[name]}" for name in row if name not in ("id", "cultivator")),
            "output": predictions[row["id"]],
            "target": row["cultivator"],
            "passed": predictions[row["id"]] == row["cultivator"],
        }
        for row in read_rows(input_dir / "ref" / "answers.csv")
    ]

    scores = {
        "accuracy": fmean(case["passed"] for case in cases),
        "training_wines": int((input_dir / "res" / "training_wines.txt").read_text(encoding="utf-8")),
    }
    for cultivator in sorted({case["target"] for case in cases}):
        group = [case["passed"] for case in cases if case["target"] == cultivator]
        scores[f"recall_{cultivator}"] = fmean(group)

    with open(output / "results.jsonl", "w", encoding="utf-8") as file:
        file.writelines(json.dumps(case) + "\n" for case in cases)
    (output / "scores.json").write_text(json.dumps(scores), encoding="utf-8")
    print(f"Scored {len(cases)} wines: {json.dumps(scores)}")


if __name__ == "__main__":
    main()
