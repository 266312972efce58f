"""Ingestion program: trains the sample code on the submitted data set, and has it answer the test cases.

usage: ingestion.py SUBMISSION SAMPLE_CODE OUTPUT

SUBMISSION     train.csv: columns weight_kg and size, at most ten rows
SAMPLE_CODE    the input data of the task: classifier.py, and test.csv without answers
OUTPUT         predictions.json is written here; the scoring program finds it in its input, under res/
"""

import csv
import json
import sys
from pathlib import Path

MAX_EXAMPLES = 10


def fail(message):
    """A wrong submission ends here. The participant reads stderr; exit code 1 fails the run."""
    print(f"error: {message}", file=sys.stderr)
    sys.exit(1)


def read_rows(path):
    # utf-8-sig: spreadsheets put a byte order mark at the start of a CSV file.
    with open(path, newline="", encoding="utf-8-sig") as file:
        return list(csv.DictReader(file))


def read_examples(path):
    """The submitted examples, every cell checked."""
    if not path.is_file():
        fail(f"there is no {path.name} at the top level of the submission")
    rows = read_rows(path)
    if not 1 <= len(rows) <= MAX_EXAMPLES:
        fail(f"{path.name} has {len(rows)} rows; 1 to {MAX_EXAMPLES} are allowed")
    if not {"weight_kg", "size"} <= rows[0].keys():
        fail(f"{path.name} needs the columns weight_kg and size, separated by commas")
    examples = []
    for line, row in enumerate(rows, start=2):
        if row["size"] not in ("small", "large"):
            fail(f"{path.name} line {line}: the size is {row['size']!r}, and must be small or large")
        try:
            examples.append((float(row["weight_kg"]), row["size"]))
        except ValueError:
            fail(f"{path.name} line {line}: {row['weight_kg']!r} is not a number")
    return examples


def main():
    submission, sample_code, output = map(Path, sys.argv[1:4])
    examples = read_examples(submission / "train.csv")
    sys.path.insert(0, str(sample_code))
    from classifier import Classifier

    classifier = Classifier(examples)
    test = read_rows(sample_code / "test.csv")
    answers = {}
    for done, row in enumerate(test, start=1):
        answers[row["id"]] = classifier.predict(float(row["weight_kg"]))
        # benchgen shows lines of this form as progress.
        print(f"Processing: {done}/{len(test)} ({100 * done // len(test)}%)", flush=True)
    predictions = {"examples": len(examples), "answers": answers}
    (output / "predictions.json").write_text(json.dumps(predictions), encoding="utf-8")


if __name__ == "__main__":
    main()
