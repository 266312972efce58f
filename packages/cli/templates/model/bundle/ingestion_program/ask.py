"""
Asks a model every question, several at once, and keeps what it answers. A question that fails leaves the others alone.

The model is whatever the run names: OPENAI_BASE_URL, OPENAI_API_KEY and MODEL_NAME are set, so OpenAI's own client works
too. --limit, --epochs and --concurrency of the run come as BENCHGEN_LIMIT, BENCHGEN_EPOCHS and BENCHGEN_CONCURRENCY.
"""

import json
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor, as_completed

from chat import NoAnswer, chat


def predict(case_id, epoch, question):
    messages = [
        {"role": "system", "content": "Answer with the result alone."},
        {"role": "user", "content": question},
    ]
    started = time.monotonic()
    try:
        choice = chat(messages, case_id, epoch, max_tokens=100)["choices"][0]
        message = choice["message"]
        answer = {
            "output": message.get("content") or message.get("refusal") or "",
            "stop_reason": choice.get("finish_reason"),
        }
    except NoAnswer as error:
        answer = {"error": {"type": error.kind, "message": str(error)}}
    latency = round((time.monotonic() - started) * 1000)
    return {"id": case_id, "epoch": epoch, "latency_ms": latency, **answer}


def main(input_dir, output_dir):
    if "OPENAI_BASE_URL" not in os.environ:
        sys.exit("There is no model to ask. Run this environment with: --model NAME")
    with open(os.path.join(input_dir, "questions.jsonl"), encoding="utf-8") as file:
        questions = [json.loads(line) for line in file]
    questions = questions[: int(os.environ.get("BENCHGEN_LIMIT", len(questions)))]
    epochs = range(1, int(os.environ.get("BENCHGEN_EPOCHS", 1)) + 1)
    todo = [(q["id"], epoch, q["question"]) for q in questions for epoch in epochs]
    with (
        open(os.path.join(output_dir, "predictions.jsonl"), "w", encoding="utf-8") as out,
        ThreadPoolExecutor(int(os.environ.get("BENCHGEN_CONCURRENCY", 8))) as pool,
    ):
        for done, future in enumerate(as_completed([pool.submit(predict, *each) for each in todo]), 1):
            out.write(json.dumps(future.result()) + "\n")
            out.flush()
            # A line like this becomes the run's progress.
            print(f"Processing: {done}/{len(todo)} ({100 * done // len(todo)}%)")


main(*sys.argv[1:3])
