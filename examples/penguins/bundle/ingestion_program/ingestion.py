"""Ingestion program: trains the submitted model, then asks it about one bird at a time.

usage: ingestion.py INPUT_DATA OUTPUT SUBMISSION

INPUT_DATA  train.csv (with answers) and test.csv (without)
SUBMISSION  the submission's files; model.py must define a class Model with fit and predict
OUTPUT      predictions.csv is written here, for the scoring program

The answers to test.csv are not on this machine: the submission cannot read them, whatever it does.
"""

import csv
import math
import sys
import time
import traceback
from pathlib import Path

TEXT_COLUMNS = {"id", "species", "island", "sex"}


def fail(message):
    """Ends the program. What is written to stderr is what the participant reads."""
    print(f"error: {message}", file=sys.stderr)
    sys.exit(1)


def read_rows(path):
    """Rows as dicts: numbers are floats, other cells are text, an empty cell is None."""
    with open(path, newline="", encoding="utf-8") as file:
        return [{key: read_cell(key, text) for key, text in row.items()} for row in csv.DictReader(file)]


def read_cell(column, text):
    if text == "":
        return None
    return text if column in TEXT_COLUMNS else float(text)


def load_model(folder):
    """Imports the submission's model.py and makes one Model."""
    if not (folder / "model.py").is_file():
        found = ", ".join(sorted(path.name for path in folder.iterdir())) or "nothing"
        fail(f"the submission has no model.py at its top level; it holds: {found}")
    sys.path.insert(0, str(folder))  # so that model.py can import files beside it
    try:
        import model

        return model.Model()
    # SystemExit too: a submission that calls exit() must not end the ingestion as if all went well.
    except (Exception, SystemExit):
        traceback.print_exc()
        fail("model.py could not be imported, or its class Model could not be made (see above)")


def checked(answer, numeric):
    """The answer as it is written to predictions.csv, or a ValueError that says what is wrong with it."""
    if numeric:
        number = float(answer)
        if not math.isfinite(number):
            raise ValueError(f"predict returned {number}, which is not a finite number")
        return number
    if not isinstance(answer, str):
        raise ValueError(f"predict must return text, and returned {answer!r}")
    return answer


def main():
    input_data, output, submission = map(Path, sys.argv[1:4])
    train = read_rows(input_data / "train.csv")
    test = read_rows(input_data / "test.csv")
    # The target is the column that only the training data has.
    target = next(column for column in train[0] if column not in test[0])
    answers = [row.pop(target) for row in train]
    numeric = target not in TEXT_COLUMNS

    model = load_model(submission)
    print(f"Training on {len(train)} birds to predict {target}", flush=True)
    try:
        model.fit(train, answers)
    except (Exception, SystemExit):
        traceback.print_exc()
        fail("Model.fit failed (see above)")

    predictions = []
    for done, row in enumerate(test, start=1):
        case = row.pop("id")
        started = time.perf_counter()
        try:
            answer = checked(model.predict(row), numeric)
        except (Exception, SystemExit) as error:
            traceback.print_exc()
            fail(f"Model.predict failed on case {case}: {type(error).__name__}: {error}")
        latency_ms = (time.perf_counter() - started) * 1000
        predictions.append([case, answer, f"{latency_ms:.3f}"])
        if done % 10 == 0 or done == len(test):
            print(f"Processing: {done}/{len(test)} ({100 * done // len(test)}%)", flush=True)

    with open(output / "predictions.csv", "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["id", "prediction", "latency_ms"])
        writer.writerows(predictions)


if __name__ == "__main__":
    main()
