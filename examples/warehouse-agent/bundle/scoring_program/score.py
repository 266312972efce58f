"""A case is passed when the warehouse is as it should be in the end; what the agent says about it counts for nothing."""

import json
import os
import sys


def lines(path):
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file if line.strip()]


def difference(found, wanted):
    """The first thing that is not as it should be; None when there is none."""
    for shelf, items in wanted["shelves"].items():
        held = found["shelves"].get(shelf, {})
        for item in sorted({*items, *held}):
            if held.get(item, 0) != items.get(item, 0):
                return f"Shelf {shelf} has {held.get(item, 0)} {item} instead of {items.get(item, 0)}."
    for item, price in wanted["prices"].items():
        if found["prices"].get(item) != price:
            return f"{item} cost {found['prices'].get(item)} instead of {price}."
    return None


def grade(row, known):
    """A line of results.jsonl. The world and the tools are the scorer's affair; their numbers are kept."""
    kept = {key: row[key] for key in ("id", "epoch", "output", "latency_ms", "usage", "stop_reason") if key in row}
    case = {
        **kept,
        "input": known["task"],
        "target": json.dumps(known["world"]),
        "metadata": {"kind": known["kind"], "turns": row.get("turns"), "tools": json.dumps(row.get("tools", {}))},
    }
    if "error" in row:
        return {**case, "error": row["error"], "passed": None}
    wrong = difference(row["world"], known["world"])
    if wrong is None:
        return {**case, "passed": True}
    category = "max_turns" if row.get("stop_reason") == "max_turns" else "wrong_state"
    if not row.get("tools"):
        category = "no_tool_used"
    return {**case, "passed": False, "explanation": wrong, "failure": {"category": category, "detail": wrong}}


def main(input_dir, output_dir):
    wanted = {row["id"]: row for row in lines(os.path.join(input_dir, "ref", "worlds.jsonl"))}
    rows = [row for row in lines(os.path.join(input_dir, "res", "predictions.jsonl")) if row["id"] in wanted]
    cases = [grade(row, wanted[row["id"]]) for row in rows]
    with open(os.path.join(output_dir, "results.jsonl"), "w", encoding="utf-8") as file:
        file.writelines(json.dumps(case) + "\n" for case in cases)
    scored = [case["passed"] for case in cases if case["passed"] is not None]
    if not scored:
        sys.exit("No case came to its end: see the errors in results.jsonl.")
    turns = [row["turns"] for row in rows if "turns" in row and "error" not in row]
    scores = {"success": sum(scored) / len(scored), "finished": len(scored)}
    if turns:
        scores["turns"] = sum(turns) / len(turns)
    with open(os.path.join(output_dir, "scores.json"), "w", encoding="utf-8") as file:
        json.dump(scores, file)


main(*sys.argv[1:3])
