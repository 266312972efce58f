"""Ingestion program: trains the sample code on the submitted data, and has it classify the test wines.

usage: ingestion.py SUBMISSION SAMPLE_CODE OUTPUT

SUBMISSION   train.csv: the measurements and the cultivator of at most thirty wines
SAMPLE_CODE  classifier.py, and test.csv: wines without their cultivator
OUTPUT       predictions.csv and training_wines.txt are written here, for the scoring program
"""

import csv
import math
import sys
from pathlib import Path

MAX_WINES = 30
CULTIVATORS = {"0", "1", "2"}


def fail(message):
    """A wrong submission ends here: one sentence on stderr, for the participant, and exit code 1."""
    print(f"error: {message}", file=sys.stderr)
    sys.exit(1)


def read_rows(path):
    # utf-8-sig: spreadsheets put a byte order mark at the start of a CSV file.
    with open(path, newline="", encoding="utf-8-sig", errors="replace") as file:
        return list(csv.DictReader(file))


def read_training_set(folder, measurements):
    """The submitted wines and their cultivators, every cell checked."""
    path = folder / "train.csv"
    if not path.is_file():
        found = ", ".join(sorted(entry.name for entry in folder.iterdir())) or "nothing"
        fail(f"the submission has no train.csv at its top level; it holds: {found}")
    rows = read_rows(path)
    if not 1 <= len(rows) <= MAX_WINES:
        fail(f"train.csv has {len(rows)} wines; 1 to {MAX_WINES} are allowed")
    missing = [name for name in [*measurements, "cultivator"] if name not in rows[0]]
    if missing:
        fail(f"train.csv has no column {missing[0]}; is it separated by commas? Its header is: {','.join(rows[0])}")
    wines = []
    for line, row in enumerate(rows, start=2):
        if row["cultivator"] not in CULTIVATORS:
            fail(f"train.csv line {line}: the cultivator is {row['cultivator']!r}, and must be 0, 1 or 2")
        wines.append({name: read_number(row[name], f"train.csv line {line}, {name}") for name in measurements})
    return wines, [row["cultivator"] for row in rows]


def read_number(text, where):
    try:
        number = float(text)
    except (TypeError, ValueError):
        number = math.nan
    if not math.isfinite(number):
        fail(f"{where}: {text!r} is not a finite number")
    return number


def main():
    submission, sample_code, output = map(Path, sys.argv[1:4])
    sys.path.insert(0, str(sample_code))
    from classifier import SCALE, Classifier

    measurements = list(SCALE)
    wines, cultivators = read_training_set(submission, measurements)
    classifier = Classifier(wines, cultivators)
    print(f"Trained on {len(wines)} wines", flush=True)

    test = read_rows(sample_code / "test.csv")
    with open(output / "predictions.csv", "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "prediction"])
        for done, row in enumerate(test, start=1):
            wine = {name: float(row[name]) for name in measurements}
            writer.writerow([row["id"], classifier.predict(wine)])
            if done % 10 == 0 or done == len(test):
                print(f"Processing: {done}/{len(test)} ({100 * done // len(test)}%)", flush=True)
    (output / "training_wines.txt").write_text(str(len(wines)), encoding="utf-8")


if __name__ == "__main__":
    main()
