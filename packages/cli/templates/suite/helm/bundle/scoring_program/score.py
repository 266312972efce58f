"""Scoring program: turns what HELM writes into scores.json and results.jsonl.

usage: score.py INPUT OUTPUT

INPUT/res/log.json    metric: the one that ranks; and for each epoch: stats, per_instance_stats and scenario_state as
                      HELM writes them, and cases: each with its id, its epoch, and an error or none
"""

import json
import sys
from pathlib import Path

import report

# Splits that HELM evaluates on, the one it reports first.
SPLITS = ("test", "valid")


def numbers_of(metric, stats):
    """Every mean by its key. Those of altered instances carry the alteration's name and what they are compared with."""
    main = next((split for split in SPLITS if any(is_of(stat, metric, split) for stat in stats)), SPLITS[0])
    found = {metric: None}
    for stat in stats:
        if stat.get("mean") is None:
            continue
        name = stat["name"]
        altered = name.get("perturbation") or {}
        split = name.get("split")
        parts = [name["name"], None if split == main else split, name.get("sub_split")]
        parts += [altered.get("name"), altered.get("computed_on"), altered.get("seed")]
        found[report.key(*(part for part in parts if part is not None))] = stat["mean"]
    return found


def is_of(stat, metric, split):
    name = stat["name"]
    return name["name"] == metric and name.get("split") == split and "perturbation" not in name


def instance_key(instance_id, perturbation, trial):
    return instance_id, json.dumps(perturbation, sort_keys=True), trial


def ratings_of(per_instance_stats):
    """For each instance and trial: metric to number."""
    found = {}
    for rated in per_instance_stats:
        key = instance_key(rated["instance_id"], rated.get("perturbation"), rated["train_trial_index"])
        means = {stat["name"]["name"]: stat["mean"] for stat in rated["stats"] if report.is_number(stat.get("mean"))}
        found.setdefault(key, {}).update(means)
    return found


def target_of(instance):
    """The right answers: a text, or several."""
    right = [one["output"]["text"] for one in instance.get("references", []) if "correct" in one.get("tags", [])]
    return right[0] if len(right) == 1 else right or None


def answer_of(state):
    """The first answer, why it ended, and for a choice which one it stands for."""
    completions = state["result"]["completions"]
    if not completions:
        return None, None, None
    text = completions[0]["text"]
    reason = (completions[0].get("finish_reason") or {}).get("reason")
    return text, reason, (state.get("output_mapping") or {}).get(text.strip())


def case_of(case, state, metric, ratings):
    instance, request = state["instance"], state["request"]
    numbers = ratings.get(instance_key(instance["id"], instance.get("perturbation"), state["train_trial_index"]), {})
    output, stop_reason, chosen = answer_of(state)
    score = numbers.get(metric)
    seconds = state["result"].get("request_time")
    return {
        "id": case["id"],
        "epoch": case["epoch"],
        "input": request.get("messages") or request["prompt"],
        "output": output,
        "target": target_of(instance),
        "score": score,
        "passed": None if score is None else score == 1,
        "scores": numbers or None,
        "extracted_answer": chosen,
        "latency_ms": None if seconds is None else seconds * 1000,
        "stop_reason": stop_reason,
        "metadata": {"split": instance.get("split"), "trial": state["train_trial_index"]},
    }


def cases_of(metric, epoch):
    ratings = ratings_of(epoch["per_instance_stats"])
    states = iter(epoch["scenario_state"]["request_states"])
    for case in epoch["cases"]:
        if case["error"] is None:
            # A case has a state exactly when it has no error, and both are in order.
            yield case_of(case, next(states), metric, ratings)
        else:
            error = {"type": "model_error", "message": case["error"]}
            yield {"id": case["id"], "epoch": case["epoch"], "passed": None, "error": error}


def main():
    path = Path(sys.argv[1]) / "res" / "log.json"
    if not path.is_file():
        report.fail("there is no log.json: the ingestion program wrote no log")
    log = json.loads(path.read_text(encoding="utf-8"))
    metric, epochs = log["metric"], log["epochs"]
    scores = report.averaged([numbers_of(metric, epoch["stats"]) for epoch in epochs])
    report.write(scores, (case for epoch in epochs for case in cases_of(metric, epoch)))


if __name__ == "__main__":
    main()
