"""
Exact match. Writes scores.json, whose keys are the leaderboard's columns, and results.jsonl, a line for each case: what
`benchgen cases`, `report`, `failures` and `compare` read.
"""

import json
import os
import sys


def lines(path):
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file if line.strip()]


def grade(row, known):
    """A line of results.jsonl. Only `id` and `passed` are needed; null means not scored, and is never a zero."""
    case = {**row, "input": known["question"], "target": known["answer"]}
    if "error" in row:
        return {**case, "passed": None}
    # Change this line to compare in another way, and extracted_answer to what is compared.
    answer = row["output"].strip()
    return {**case, "extracted_answer": answer, "passed": answer == known["answer"]}


def main(input_dir, output_dir):
    answers = {row["id"]: row for row in lines(os.path.join(input_dir, "ref", "answers.jsonl"))}
    rows = lines(os.path.join(input_dir, "res", "predictions.jsonl"))
    cases = [grade(row, answers[row["id"]]) for row in rows if row["id"] in answers]
    with open(os.path.join(output_dir, "results.jsonl"), "w", encoding="utf-8") as file:
        file.writelines(json.dumps(case) + "\n" for case in cases)
    scored = [case["passed"] for case in cases if case["passed"] is not None]
    if not scored:
        sys.exit("No question was answered: see the errors in results.jsonl.")
    with open(os.path.join(output_dir, "scores.json"), "w", encoding="utf-8") as file:
        json.dump({"accuracy": sum(scored) / len(scored), "answered": len(scored)}, file)


main(*sys.argv[1:3])
