"""Scoring program: compares the predictions with the answers.

usage: score.py INPUT OUTPUT

INPUT/ref/    the reference data of the task
INPUT/res/    the submission
OUTPUT/       scores.json is written here (required), and results.jsonl (optional: the per-case report)
"""

import csv
import json
import sys
from pathlib import Path


def fail(message):
    """A wrong submission ends here. The participant reads stderr; exit code 1 fails the run."""
    print(f"error: {message}", file=sys.stderr)
    sys.exit(1)


def read_answers(path, expected=None):
    """Answer by id. With `expected`, fails unless there is exactly one for each of those ids."""
    if not path.is_file():
        fail(f"there is no {path.name} at the top level of the submission")
    # utf-8-sig: spreadsheets put a byte order mark at the start of a CSV file.
    with open(path, newline="", encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    if not rows or not {"id", "answer"} <= rows[0].keys():
        fail(f"{path.name} needs a header with the columns id and answer, and rows below it")
    answers = {row["id"]: row["answer"] for row in rows}
    if expected is not None and (len(rows) != len(expected) or answers.keys() != expected):
        fail(f"{path.name} has {len(rows)} rows; one is expected for each of {len(expected)} ids")
    return answers


def main():
    input_dir, output = map(Path, sys.argv[1:3])
    targets = read_answers(input_dir / "ref" / "answers.csv")
    answers = read_answers(input_dir / "res" / "predictions.csv", targets.keys())

    # The per-case report: one JSON object a line. Required: id, and passed or score.
    with open(output / "results.jsonl", "w", encoding="utf-8") as file:
        for case, target in targets.items():
            passed = answers[case] == target
            result = {"id": case, "output": answers[case], "target": target, "passed": passed}
            file.write(json.dumps(result) + "\n")

    # The scores: a number for each column of the leaderboard. A key that is left out is absent, not zero.
    right = sum(answers[case] == target for case, target in targets.items())
    even = [case for case, target in targets.items() if target == "even"]
    said_even = [case for case, answer in answers.items() if answer == "even"]
    both = len(set(even) & set(said_even))
    scores = {"accuracy": right / len(targets), "f1": 2 * both / (len(even) + len(said_even))}
    (output / "scores.json").write_text(json.dumps(scores), encoding="utf-8")
    print(f"Scored {len(targets)} cases: {json.dumps(scores)}")


if __name__ == "__main__":
    main()
