"""Scoring program: turns lm_eval's results and samples into scores.json and results.jsonl.

usage: score.py INPUT OUTPUT

INPUT/res/log.json    task, and for each epoch: results and groups as lm_eval reports them, samples, calls
"""

import json
import statistics
import sys
from pathlib import Path

import report


def metrics_of(results):
    """`metric,filter` to number, without standard errors."""
    return {
        name: value
        for name, value in results.items()
        if "," in name and not name.split(",")[0].endswith("_stderr") and report.is_number(value)
    }


def numbers_of(task, epoch):
    """Every number of one epoch by its key. The task's own come first; those of a group's tasks carry their names."""
    everything = {**epoch["results"], **epoch["groups"]}
    own = metrics_of(everything.get(task, {}))
    others = {name: metrics_of(results) for name, results in everything.items() if name != task}
    found = {report.key(metric): value for metric, value in own.items()}
    if not own:
        # A group without a number of its own, or a tag: the mean of what its tasks report first.
        firsts = [next(iter(metrics.values())) for metrics in others.values() if metrics]
        found["mean"] = statistics.fmean(firsts) if firsts else None
    for name, metrics in others.items():
        found.update({report.key(name, metric): value for metric, value in metrics.items()})
    return found


def scores_of(log):
    """Each number, averaged over the epochs."""
    epochs = [numbers_of(log["task"], epoch) for epoch in log["epochs"]]
    found = {}
    for name in epochs[0]:
        values = [epoch[name] for epoch in epochs if report.is_number(epoch.get(name))]
        found[name] = statistics.fmean(values) if values else None
    return found


def question_of(sample):
    """The prompt: chat messages. lm_eval keeps them as JSON in a tuple."""
    context = sample["arguments"][0][0]
    context = context[0] if isinstance(context, list) else context
    try:
        messages = json.loads(context)
    except ValueError:
        return context
    return messages if isinstance(messages, list) else context


def rating_of(samples):
    """The first metric of the first filter, and all numbers by name."""
    numbers = {}
    for sample in samples:
        for metric in sample["metrics"]:
            if report.is_number(sample[metric]) or isinstance(sample[metric], bool):
                numbers[f"{metric},{sample['filter']}"] = float(sample[metric])
    first = samples[0]
    return numbers.get(f"{first['metrics'][0]},{first['filter']}") if first["metrics"] else None, numbers


def usage_of(calls):
    used = [call["usage"] for call in calls if call.get("usage")]
    if not used:
        return None
    return {
        "input_tokens": sum(one.get("prompt_tokens") or 0 for one in used),
        "output_tokens": sum(one.get("completion_tokens") or 0 for one in used),
    }


def case_of(samples, calls, epoch):
    """samples: of one document, one for each filter"""
    first = samples[0]
    score, numbers = rating_of(samples)
    extracted = first["filtered_resps"][0] if first["filtered_resps"] else None
    return {
        "epoch": epoch,
        "input": question_of(first),
        "output": first["resps"][0][0] if first["resps"] else None,
        "target": report.text(first["target"]),
        "score": score,
        "passed": None if score is None else score == 1,
        "scores": numbers or None,
        "extracted_answer": extracted if isinstance(extracted, str) else None,
        "latency_ms": sum(call["latency_ms"] for call in calls) if calls else None,
        "usage": usage_of(calls),
        "stop_reason": calls[-1].get("stop_reason") if calls else None,
    }


def cases_of(epoch, number):
    calls = {}
    for call in epoch["calls"]:
        calls.setdefault((call["task"], call["doc"]), []).append(call)
    for (task, doc), made in calls.items():
        errors = [call["error"] for call in made if call["error"] is not None]
        if errors:
            error = {"type": "model_error", "message": errors[0]}
            yield {"id": f"{task}/{doc}", "epoch": number, "passed": None, "error": error}
    for task, samples in epoch["samples"].items():
        documents = {}
        for sample in samples:
            documents.setdefault(sample["doc_id"], []).append(sample)
        for doc, same in documents.items():
            yield {
                "id": f"{task}/{doc}",
                **case_of(same, calls.get((task, doc), []), number),
                "metadata": {"task": task},
            }


def main():
    path = Path(sys.argv[1]) / "res" / "log.json"
    if not path.is_file():
        report.fail("there is no log.json: the ingestion program wrote no log")
    log = json.loads(path.read_text(encoding="utf-8"))
    cases = (case for number, epoch in enumerate(log["epochs"], start=1) for case in cases_of(epoch, number))
    report.write(scores_of(log), cases)


if __name__ == "__main__":
    main()
