"""Scoring program: turns lighteval's results and details into scores.json and results.jsonl.

usage: score.py INPUT OUTPUT

INPUT/res/log.json    metric: the task's first; and for each epoch: results and details as lighteval has them, calls
"""

import json
import sys
from pathlib import Path

import report


def numbers_of(metric, results):
    """Every number by its key, the task's first metric first. A family of tasks has its means before its tasks."""
    tasks = [name for name in results if name != "all" and "_average|" not in name]
    whole = results[tasks[0] if len(tasks) == 1 else "all"]
    found = {report.key(name): whole[name] for name in sorted(whole, key=lambda name: name != metric)}
    if len(tasks) > 1:
        for task in tasks:
            found.update({report.key(task, name): value for name, value in results[task].items()})
    return found


def rating_of(metric, ratings):
    """The score by the task's first metric, and all numbers by name. What only a whole run has is no number here."""
    numbers = {
        name: float(value) for name, value in ratings.items() if report.is_number(value) or isinstance(value, bool)
    }
    return numbers.get(metric), numbers


def golds_of(doc):
    """The expected answers: a text, or several."""
    indices = doc["gold_index"] if isinstance(doc["gold_index"], list) else [doc["gold_index"]]
    golds = [gold for index in indices if index < len(doc["choices"]) for gold in listed(doc["choices"][index])]
    return golds[0] if len(golds) == 1 else golds


def listed(value):
    return value if isinstance(value, list) else [value]


def extracted_of(doc):
    """What the metric took for the answer, where it says so."""
    found = (doc.get("specific") or {}).get("extracted_predictions")
    return report.text(found[0]) if isinstance(found, list) and found else None


def usage_of(call):
    used = call.get("usage")
    if not used:
        return None
    return {
        "input_tokens": sum(one.get("prompt_tokens") or 0 for one in used),
        "output_tokens": sum(one.get("completion_tokens") or 0 for one in used),
    }


def case_of(metric, detail, call, epoch):
    doc, response = detail["doc"], detail["model_response"]
    score, numbers = rating_of(metric, detail["metric"])
    return {
        "id": doc["id"],
        "epoch": epoch,
        "input": response["input"],
        "output": response["text"][0],
        "target": golds_of(doc),
        "score": score,
        "passed": None if score is None else score == 1,
        "scores": numbers or None,
        "extracted_answer": extracted_of(doc),
        "latency_ms": call["latency_ms"],
        "usage": usage_of(call),
        "stop_reason": call["stop_reason"],
        "metadata": {"task": doc["task_name"]},
    }


def cases_of(metric, epoch, number):
    for name, call in epoch["calls"].items():
        if call["error"] is not None:
            error = {"type": "model_error", "message": call["error"]}
            yield {"id": name, "epoch": number, "passed": None, "latency_ms": call["latency_ms"], "error": error}
    for details in epoch["details"].values():
        for detail in details:
            yield case_of(metric, detail, epoch["calls"][detail["doc"]["id"]], number)


def main():
    path = Path(sys.argv[1]) / "res" / "log.json"
    if not path.is_file():
        report.fail("there is no log.json: the ingestion program wrote no log")
    log = json.loads(path.read_text(encoding="utf-8"))
    metric, epochs = log["metric"], log["epochs"]
    scores = report.averaged([numbers_of(metric, epoch["results"]) for epoch in epochs])
    report.write(
        scores, (case for number, epoch in enumerate(epochs, start=1) for case in cases_of(metric, epoch, number))
    )


if __name__ == "__main__":
    main()
