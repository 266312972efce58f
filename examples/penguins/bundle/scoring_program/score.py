"""Scoring program: compares predictions with the answers.

usage: score.py INPUT OUTPUT

INPUT/ref/answers.csv      the birds and, in the last column, the answers
INPUT/res/predictions.csv  columns id and prediction, and latency_ms if the ingestion program wrote it
OUTPUT/scores.json         column key -> number: the leaderboard
OUTPUT/results.jsonl       one case per line: the per-case report
OUTPUT/detailed_results.html
"""

import csv
import json
import math
import sys
from pathlib import Path
from statistics import fmean

from report import page_for_numbers, page_for_species


def fail(message):
    """A wrong submission ends here: one sentence on stderr and exit code 1, never a score of zero."""
    print(f"error: {message}", file=sys.stderr)
    sys.exit(1)


def read_rows(path):
    # utf-8-sig: spreadsheets put a byte order mark at the start of a CSV file.
    with open(path, newline="", encoding="utf-8-sig", errors="replace") as file:
        return list(csv.DictReader(file))


def read_predictions(path, cases):
    """The prediction rows by case id. Fails unless there is exactly one for each case."""
    if not path.is_file():
        fail(f"there is no {path.name}")
    rows = read_rows(path)
    if not rows or not {"id", "prediction"} <= rows[0].keys():
        fail(f"{path.name} needs a header with the columns id and prediction, and rows below it")
    by_id = {}
    for row in rows:
        if row["id"] in by_id:
            fail(f"{path.name} has two rows for case {row['id']}")
        by_id[row["id"]] = row
    missing = [case for case in cases if case not in by_id]
    unknown = [case for case in by_id if case not in cases]
    if missing or unknown:
        example = f"{missing[0]} is missing" if missing else f"{unknown[0]} is not a case of this task"
        fail(f"{path.name} has {len(by_id)} rows where {len(cases)} are expected: {example}")
    return by_id


def score_species(cases):
    """Adds passed to each case. Returns accuracy and the unweighted mean of the F1 of each species."""
    for case in cases:
        case["passed"] = case["output"] == case["target"]
    f1 = []
    for species in sorted({case["target"] for case in cases}):
        right = sum(case["passed"] for case in cases if case["target"] == species)
        wrong = sum(not case["passed"] for case in cases if species in (case["target"], case["output"]))
        f1.append(2 * right / (2 * right + wrong))
    return {"accuracy": fmean(case["passed"] for case in cases), "macro_f1": fmean(f1)}


def score_body_mass(cases):
    """Adds passed (at most 10 % off) and the error to each case. Returns R², mean absolute error and share passed."""
    targets = [float(case["target"]) for case in cases]
    errors = []
    for case, target in zip(cases, targets):
        try:
            error = abs(float(case["output"]) - target)
        except ValueError:
            fail(f"the prediction for case {case['id']} is not a number: {case['output']!r}")
        if not math.isfinite(error):
            fail(f"the prediction for case {case['id']} is not finite: {case['output']!r}")
        case["passed"] = error <= 0.1 * target
        case["scores"] = {"absolute_error_g": error}
        errors.append(error)
    mean = fmean(targets)
    # fsum and fmean give the same digits on every version of Python; sum does not.
    residual = math.fsum(error**2 for error in errors)
    total = math.fsum((target - mean) ** 2 for target in targets)
    return {
        "r2": 1 - residual / total,
        "mae_g": fmean(errors),
        "within_10_percent": fmean(case["passed"] for case in cases),
    }


def main():
    input_dir, output = map(Path, sys.argv[1:3])
    answers = read_rows(input_dir / "ref" / "answers.csv")
    *features, target = [column for column in answers[0] if column != "id"]
    predictions = read_predictions(input_dir / "res" / "predictions.csv", {row["id"] for row in answers})

    cases = []
    for row in answers:
        prediction = predictions[row["id"]]
        case = {
            "id": row["id"],
            "input": ", ".join(f"{name}: {row[name] or 'unknown'}" for name in features),
            "output": (prediction["prediction"] or "").strip(),
            "target": row[target],
        }
        if prediction.get("latency_ms"):
            case["latency_ms"] = float(prediction["latency_ms"])
        cases.append(case)

    if target == "species":
        scores, page = score_species(cases), page_for_species(cases)
    else:
        scores, page = score_body_mass(cases), page_for_numbers(cases, unit="g")

    with open(output / "results.jsonl", "w", encoding="utf-8") as file:
        file.writelines(json.dumps(case) + "\n" for case in cases)
    (output / "detailed_results.html").write_text(page, encoding="utf-8")
    (output / "scores.json").write_text(json.dumps(scores), encoding="utf-8")
    print(f"Scored {len(cases)} cases: {json.dumps(scores)}")


if __name__ == "__main__":
    main()
