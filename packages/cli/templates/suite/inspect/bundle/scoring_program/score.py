"""Scoring program: turns Inspect's log into scores.json and results.jsonl.

usage: score.py INPUT OUTPUT

INPUT/res/log.json    the log as Inspect writes it (log_format="json")
"""

import json
import sys
from pathlib import Path

import report

# Inspect's own values: correct, incorrect, partly correct, no answer.
LETTERS = {"C": 1.0, "I": 0.0, "P": 0.5, "N": 0.0}


def number_of(value):
    """A score as a number, as Inspect's own metrics read it; None when it is none."""
    if isinstance(value, bool):
        return float(value)
    if isinstance(value, str):
        if value in LETTERS:
            return LETTERS[value]
        words = {"yes": 1.0, "true": 1.0, "no": 0.0, "false": 0.0}
        return words.get(value.lower())
    return float(value) if report.is_number(value) else None


def scores_of(log):
    """Every metric of every scorer, the first first."""
    found = {}
    for scorer in (log.get("results") or {}).get("scores", []):
        for metric in scorer["metrics"].values():
            found[report.key(scorer["name"], metric["name"])] = metric["value"]
    return found


def usage_of(sample):
    """Tokens of all models of the sample. Inspect counts what came from a cache apart; here it is part of the input."""
    used = list((sample.get("model_usage") or {}).values())
    if not used:
        return None
    total = {name: sum(one.get(name) or 0 for one in used) for name in used[0] if name.endswith(("tokens", "read", "write"))}
    cached = total.get("input_tokens_cache_read", 0)
    return {
        "input_tokens": total["input_tokens"] + cached + total.get("input_tokens_cache_write", 0),
        "cached_input_tokens": cached,
        "output_tokens": total["output_tokens"],
        "reasoning_tokens": total.get("reasoning_tokens", 0),
    }


def completion_of(sample):
    """The last answer's text, and why it ended."""
    choices = (sample.get("output") or {}).get("choices") or []
    if not choices:
        return None, None
    content = choices[0]["message"]["content"]
    if isinstance(content, list):
        content = "\n".join(part.get("text") or "" for part in content if part.get("type") == "text")
    reason = {"max_tokens": "length", "model_length": "length"}.get(choices[0]["stop_reason"], choices[0]["stop_reason"])
    return content, reason


def rating_of(sample):
    """The first scorer's rating, and all numbers by name."""
    ratings = sample.get("scores") or {}
    numbers = {}
    for name, rating in ratings.items():
        parts = rating["value"] if isinstance(rating["value"], dict) else {None: rating["value"]}
        for part, value in parts.items():
            if number_of(value) is not None:
                numbers[name if part is None else f"{name}.{part}"] = number_of(value)
    return next(iter(ratings.values()), None), numbers


def case_of(sample):
    rating, numbers = rating_of(sample)
    output, stop_reason = completion_of(sample)
    score = number_of(rating["value"]) if rating else None
    error = sample.get("error")
    turns = sum(message["role"] == "assistant" for message in sample.get("messages") or [])
    seconds = sample.get("working_time")
    return {
        "id": str(sample["id"]),
        "epoch": sample["epoch"],
        "input": sample["input"],
        "output": output,
        "target": sample["target"],
        "passed": None if error or score is None else score == 1,
        "score": None if error else score,
        "scores": numbers or None,
        "extracted_answer": rating.get("answer") if rating else None,
        "explanation": rating.get("explanation") if rating else None,
        "latency_ms": None if seconds is None else seconds * 1000,
        "usage": usage_of(sample),
        "stop_reason": stop_reason,
        "error": {"type": "sample_error", "message": error["message"]} if error else None,
        "metadata": {"turns": turns},
    }


def main():
    path = Path(sys.argv[1]) / "res" / "log.json"
    if not path.is_file():
        report.fail("there is no log.json: the ingestion program wrote no log")
    log = json.loads(path.read_text(encoding="utf-8"))
    report.write(scores_of(log), map(case_of, log.get("samples") or []))


if __name__ == "__main__":
    main()
