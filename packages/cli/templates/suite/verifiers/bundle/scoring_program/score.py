"""Scoring program: turns the episodes of verifiers into scores.json and results.jsonl.

usage: score.py INPUT OUTPUT

INPUT/res/log.jsonl    a line for each episode: id, epoch, reward, and the episode as verifiers records it
"""

import json
import statistics
import sys
from pathlib import Path

import report


def rewards_of(trace):
    """Every reward and metric by name."""
    rewards = {name: reward["score"] for name, reward in trace["rewards"].items() if reward is not None}
    metrics = {name: value for name, value in trace["metrics"].items() if report.is_number(value)}
    return {**rewards, **metrics}


def error_of(episode):
    """Why an episode did not come to its end: the first error there is."""
    if episode["ok"]:
        return None
    errors = [*episode["errors"], *(error for trace in episode["traces"] for error in trace["errors"])]
    first = errors[0] if errors else {"type": "incomplete", "message": "the episode did not come to its end"}
    return {"type": first["type"], "message": first["message"]}


def usage_of(calls):
    used = [call["usage"] for call in calls if call.get("usage")]
    if not used:
        return None
    return {
        "input_tokens": sum(one.get("prompt_tokens") or 0 for one in used),
        "output_tokens": sum(one.get("completion_tokens") or 0 for one in used),
    }


def answer_of(trace):
    """The last thing the model said."""
    said = [node["message"] for node in trace["nodes"] if node["message"]["role"] == "assistant"]
    return report.text(said[-1].get("content")) if said else None


def case_of(line):
    """A line of the log as a case. The first agent's trace stands for the episode."""
    episode = line["episode"]
    data = episode["task"]["data"]
    trace = next(iter(episode["traces"]), None)
    error = error_of(episode)
    case = {
        "id": line["id"],
        "epoch": line["epoch"],
        "input": data.get("prompt"),
        "target": report.text(data.get("answer")),
        "error": error,
    }
    if trace is not None:
        calls = trace["calls"]
        case |= {
            "output": answer_of(trace),
            "latency_ms": trace["timing"]["agent"]["model"]["duration"] * 1000,
            "usage": usage_of(calls),
            "stop_reason": calls[-1].get("finish_reason") if calls else None,
            "metadata": {"turns": len(calls)},
        }
    if error is None and trace is not None:
        case |= {"score": line["reward"], "scores": rewards_of(trace)}
        # A sum of weighted rewards may be on any scale; on this one, 1 is all there is to have.
        if 0 <= line["reward"] <= 1:
            case["passed"] = line["reward"] == 1
    return case


def scores_of(lines):
    """Means over the episodes that came to their ends, the reward first."""
    ended = [line for line in lines if line["episode"]["ok"] and line["reward"] is not None]
    found = {"reward": statistics.fmean(line["reward"] for line in ended) if ended else None}
    by_name = {}
    for line in ended:
        for name, value in rewards_of(line["episode"]["traces"][0]).items():
            by_name.setdefault(report.key("reward", name), []).append(value)
    return {**found, **{name: statistics.fmean(values) for name, values in by_name.items()}}


def main():
    path = Path(sys.argv[1]) / "res" / "log.jsonl"
    if not path.is_file():
        report.fail("there is no log.jsonl: the ingestion program wrote no log")
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    lines.sort(key=lambda line: (line["episode"]["task"]["data"]["idx"], line["epoch"]))
    report.write(scores_of(lines), map(case_of, lines))


if __name__ == "__main__":
    main()
