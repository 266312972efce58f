"""Writes scores.json and results.jsonl for a suite's log. score.py reads the log; this is the same for every suite."""

import json
import math
import re
import statistics
import sys
from pathlib import Path


def fail(message):
    """Ends the program. Whoever started the run reads stderr; exit code 1 fails the run."""
    print(f"error: {message}", file=sys.stderr)
    sys.exit(1)


def key(*names):
    """A key of scores.json made of the suite's names: `exact_match,strict-match` becomes `exact_match_strict_match`."""
    return re.sub(r"\W+", "_", "_".join(str(name) for name in names)).strip("_")


def is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def text(value):
    """As a text; what is none as JSON."""
    return value if value is None or isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def averaged(epochs):
    """Each number of the first epoch, averaged over those epochs that have it. epochs: key to number, one for each"""
    found = {}
    for name in epochs[0]:
        values = [epoch[name] for epoch in epochs if is_number(epoch.get(name))]
        found[name] = statistics.fmean(values) if values else None
    return found


def write(scores, cases):
    """Writes both files. Ends the program when there is no case with a score: such a run has come to nothing.

    usage of the program: score.py INPUT OUTPUT
    scores: key to number, the first the one that ranks; it is written as `score`, too
    cases: a dict for each, with the fields of results.jsonl; those that are None are left out, but for `passed`
    """
    input_dir, output = map(Path, sys.argv[1:3])
    whole = json.loads((input_dir / "ref" / "task.json").read_text(encoding="utf-8"))
    scored, errors = set(), []
    with open(output / "results.jsonl", "w", encoding="utf-8") as file:
        for case in cases:
            if case.get("passed") is not None or case.get("score") is not None:
                scored.add(case["id"])
            elif case.get("error"):
                errors.append(case["error"].get("message") or case["error"].get("type"))
            line = {name: value for name, value in case.items() if value is not None or name == "passed"}
            file.write(json.dumps(line, ensure_ascii=False, allow_nan=False) + "\n")
    if not scored:
        fail(f"no case has a score: {errors[0] if errors else 'there is no answer that could be rated'}")
    for name, value in scores.items():
        if not is_number(value):
            print(f"{name} is left out: {value} is no number", file=sys.stderr)
    numbers = {name: value for name, value in scores.items() if is_number(value)}
    first = next(iter(scores), None)
    if first in numbers:
        numbers["score"] = numbers[first]
    if whole["cases"] > 0:
        numbers["coverage"] = min(1.0, len(scored) / whole["cases"])
    ran = json.loads((input_dir / "res" / "suite.json").read_text(encoding="utf-8"))
    # No column: tells which version of the suite made these scores.
    document = {**numbers, "suite": ran}
    (output / "scores.json").write_text(json.dumps(document), encoding="utf-8")
    print(f"{len(scored)} of {whole['cases']} cases scored: {json.dumps(numbers)}")
