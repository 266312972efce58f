"""Scoring program: how good are the predicted probabilities?

usage: score.py INPUT OUTPUT

INPUT/ref/answers.csv      columns id, text, label
INPUT/res/predictions.csv  columns id, positive: the probability that the review is positive
OUTPUT/scores.json         column key -> number: the leaderboard
OUTPUT/results.jsonl       one review per line: the per-case report
"""

import csv
import json
import math
import sys
from pathlib import Path
from statistics import fmean


def fail(message):
    """A wrong submission ends here: one sentence on stderr and exit code 1, never a score of zero."""
    print(f"error: {message}", file=sys.stderr)
    sys.exit(1)


def read_rows(path):
    # utf-8-sig: spreadsheets put a byte order mark at the start of a CSV file.
    with open(path, newline="", encoding="utf-8-sig", errors="replace") as file:
        return list(csv.DictReader(file))


def read_predictions(path, ids):
    """Probability by review id. Fails unless there is exactly one, from 0 to 1, for each review."""
    if not path.is_file():
        found = ", ".join(sorted(entry.name for entry in path.parent.iterdir())) or "nothing"
        fail(f"the submission has no {path.name} at its top level; it holds: {found}")
    rows = read_rows(path)
    if not rows or not {"id", "positive"} <= rows[0].keys():
        fail(f"{path.name} needs a header with the columns id and positive, and rows below it")
    probabilities = {}
    for line, row in enumerate(rows, start=2):
        try:
            probability = float(row["positive"])
        except (TypeError, ValueError):
            fail(f"{path.name} line {line}: {row['positive']!r} is not a number")
        if not 0 <= probability <= 1:  # false for NaN as well
            fail(f"{path.name} line {line}: {probability} is not between 0 and 1")
        if row["id"] in probabilities:
            fail(f"{path.name} line {line}: a second row for review {row['id']}")
        probabilities[row["id"]] = probability
    missing = sorted(ids - probabilities.keys())
    unknown = sorted(probabilities.keys() - ids)
    if missing or unknown:
        example = f"{missing[0]} is missing" if missing else f"there is no review {unknown[0]}"
        fail(f"{path.name} has {len(rows)} rows where {len(ids)} are expected: {example}")
    return probabilities


def score(labels, probabilities):
    """labels: True where the review is positive. Both lists are in the same order."""
    guesses = [probability >= 0.5 for probability in probabilities]
    hits = [guess == label for guess, label in zip(guesses, labels)]
    true_positives = sum(guess and label for guess, label in zip(guesses, labels))
    # The probability given to what was true. One certain and wrong answer must not make the loss infinite.
    given = [p if label else 1 - p for p, label in zip(probabilities, labels)]
    return {
        "accuracy": fmean(hits),
        "f1": 2 * true_positives / (sum(guesses) + sum(labels)),
        "log_loss": -fmean(math.log(max(p, 1e-6)) for p in given),
    }


def main():
    input_dir, output = map(Path, sys.argv[1:3])
    answers = read_rows(input_dir / "ref" / "answers.csv")
    by_id = read_predictions(input_dir / "res" / "predictions.csv", {row["id"] for row in answers})
    probabilities = [by_id[row["id"]] for row in answers]

    with open(output / "results.jsonl", "w", encoding="utf-8") as file:
        for row, probability in zip(answers, probabilities):
            guess = "positive" if probability >= 0.5 else "negative"
            case = {
                "id": row["id"],
                "input": row["text"],
                "output": guess,
                "target": row["label"],
                "passed": guess == row["label"],
                "scores": {"probability_positive": probability},
            }
            file.write(json.dumps(case) + "\n")

    scores = score([row["label"] == "positive" for row in answers], probabilities)
    (output / "scores.json").write_text(json.dumps(scores), encoding="utf-8")
    print(f"Scored {len(answers)} reviews: {json.dumps(scores)}")


if __name__ == "__main__":
    main()
