"""Exact match. A question without an answer because of an error is not scored; one that was left out is wrong."""

import json
import os
import sys


def lines(path):
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file if line.strip()]


def main(input_dir, output_dir):
    res = os.path.join(input_dir, "res")
    answers = {row["id"]: row for row in lines(os.path.join(input_dir, "ref", "answers.jsonl"))}
    predictions = lines(os.path.join(res, "predictions.jsonl"))
    asked = set(answers)
    if os.path.exists(os.path.join(res, "asked.json")):
        with open(os.path.join(res, "asked.json"), encoding="utf-8") as file:
            asked &= set(json.load(file))
    missing = asked - {row["id"] for row in predictions}
    results = []
    for row in predictions + [{"id": case, "output": None} for case in sorted(missing)]:
        known = answers.get(row["id"])
        if known is None:
            continue
        output = row.get("output")
        passed = None if "error" in row else output is not None and output.strip() == known["answer"]
        results.append(
            {
                **row,
                "input": known["question"],
                "target": known["answer"],
                "passed": passed,
                "metadata": {"kind": known["kind"]},
            }
        )
    with open(os.path.join(output_dir, "results.jsonl"), "w", encoding="utf-8") as file:
        file.writelines(json.dumps(result) + "\n" for result in results)
    scored = [result["passed"] for result in results if result["passed"] is not None]
    if not scored:
        sys.exit("No question was answered: see the errors in results.jsonl.")
    scores = {"accuracy": sum(scored) / len(scored), "answered": len(scored) - len(missing)}
    with open(os.path.join(output_dir, "scores.json"), "w", encoding="utf-8") as file:
        json.dump(scores, file)


main(*sys.argv[1:3])
