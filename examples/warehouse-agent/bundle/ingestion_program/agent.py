"""Lets a model work in the warehouse, with tools and in several turns, and keeps what it did and what came of it."""

import json
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor, as_completed

from chat import NoAnswer, chat
from world import TOOLS, World

MAX_TURNS = 12
INSTRUCTION = "You work in a warehouse. Do what you are told with the tools, in order, and then say that you are done."


def work(world, case_id, epoch, task):
    """The model's turns until it says it is done. Returns the fields of the case."""
    messages = [{"role": "system", "content": INSTRUCTION}, {"role": "user", "content": task}]
    used = {}
    tokens = {"input_tokens": 0, "output_tokens": 0}

    def end(turns, stop_reason, **more):
        facts = {"turns": turns, "tools": used, "usage": tokens, "stop_reason": stop_reason}
        return {"output": messages[2:], **facts, **more}

    for turn in range(1, MAX_TURNS + 1):
        try:
            answer = chat(messages, case_id, epoch, tools=TOOLS, max_tokens=300)
        except NoAnswer as error:
            return end(turn - 1, None, error={"type": error.kind, "message": str(error)})
        usage = answer.get("usage") or {}
        tokens["input_tokens"] += usage.get("prompt_tokens") or 0
        tokens["output_tokens"] += usage.get("completion_tokens") or 0
        choice = answer["choices"][0]
        message = choice["message"]
        messages.append(message)
        calls = message.get("tool_calls") or []
        if not calls:
            return end(turn, choice.get("finish_reason"))
        for call in calls:
            name = str(call["function"]["name"])
            used[name] = used.get(name, 0) + 1
            content = world.use(name, call["function"]["arguments"])
            messages.append({"role": "tool", "tool_call_id": call["id"], "content": content})
    return end(MAX_TURNS, "max_turns")


def play(case, epoch):
    world = World(case["shelves"], case["prices"])
    started = time.monotonic()
    try:
        done = work(world, case["id"], epoch, case["task"])
    except Exception as error:  # One case that goes wrong leaves the others alone.
        done = {"error": {"type": "agent_error", "message": f"{type(error).__name__}: {error}"}}
    latency = round((time.monotonic() - started) * 1000)
    return {"id": case["id"], "epoch": epoch, "latency_ms": latency, **done, "world": world.state()}


def main(input_dir, output_dir):
    if "OPENAI_BASE_URL" not in os.environ:
        sys.exit("There is no model to ask. Run this environment with: --model NAME")
    with open(os.path.join(input_dir, "cases.jsonl"), encoding="utf-8") as file:
        cases = [json.loads(line) for line in file]
    cases = cases[: int(os.environ.get("BENCHGEN_LIMIT", len(cases)))]
    epochs = range(1, int(os.environ.get("BENCHGEN_EPOCHS", 1)) + 1)
    todo = [(case, epoch) for case in cases for epoch in epochs]
    with (
        open(os.path.join(output_dir, "predictions.jsonl"), "w", encoding="utf-8") as out,
        ThreadPoolExecutor(int(os.environ.get("BENCHGEN_CONCURRENCY", 8))) as pool,
    ):
        for done, future in enumerate(as_completed([pool.submit(play, *each) for each in todo]), 1):
            out.write(json.dumps(future.result()) + "\n")
            out.flush()
            print(f"Processing: {done}/{len(todo)} ({100 * done // len(todo)}%)")


main(*sys.argv[1:3])
