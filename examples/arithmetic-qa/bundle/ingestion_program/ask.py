"""Asks a model every question. Standard library only: OPENAI_BASE_URL, OPENAI_API_KEY and MODEL_NAME say where."""

import json
import os
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from concurrent.futures import ThreadPoolExecutor, as_completed

TRIES = 4


class NoAnswer(Exception):
    """There is no answer to this question; `kind` is why."""

    def __init__(self, kind, message):
        super().__init__(message)
        self.kind = kind


def ask(case_id, epoch, question):
    body = json.dumps(
        {
            "model": os.environ["MODEL_NAME"],
            "messages": [
                {"role": "system", "content": "Answer with the result alone."},
                {"role": "user", "content": question},
            ],
            "max_tokens": 32,
        }
    ).encode()
    for attempt in range(TRIES):
        request = urllib.request.Request(
            os.environ["OPENAI_BASE_URL"] + "/chat/completions",
            data=body,
            headers={
                "Authorization": "Bearer " + os.environ["OPENAI_API_KEY"],
                "Content-Type": "application/json",
                # The gateway measures each case by these.
                "X-Case-Id": urllib.parse.quote(case_id),
                "X-Case-Epoch": str(epoch),
                "X-Stainless-Retry-Count": str(attempt),
            },
        )
        try:
            with urllib.request.urlopen(request, timeout=300) as response:
                choice = json.load(response)["choices"][0]
            message = choice["message"]
            return {
                "output": message.get("content") or message.get("refusal") or "",
                "stop_reason": choice.get("finish_reason"),
            }
        except urllib.error.HTTPError as error:
            said = error_in(error)
            if error.headers.get("x-should-retry") != "true" or attempt == TRIES - 1:
                raise NoAnswer(said.get("code", "http_error"), said.get("message", str(error))) from None
            time.sleep(min(30, float(error.headers.get("retry-after") or 0.5 * 2**attempt)))
    raise AssertionError("every try returns or raises")


def error_in(error):
    try:
        return json.load(error)["error"]
    except (ValueError, KeyError, TypeError):
        return {}


def predict(case_id, epoch, question):
    started = time.monotonic()
    try:
        answer = ask(case_id, epoch, question)
    except NoAnswer as error:
        answer = {"error": {"type": error.kind, "message": str(error)}}
    except Exception as error:  # One question that goes wrong leaves the others alone.
        answer = {"error": {"type": "model_error", "message": str(error)}}
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
    with open(os.path.join(output_dir, "asked.json"), "w", encoding="utf-8") as file:
        json.dump([q["id"] for q in questions], file)
    with (
        open(os.path.join(output_dir, "predictions.jsonl"), "w", encoding="utf-8") as out,
        ThreadPoolExecutor(int(os.environ.get("BENCHGEN_CONCURRENCY", 8))) as pool,
    ):
        for done, future in enumerate(as_completed([pool.submit(predict, *each) for each in todo]), 1):
            out.write(json.dumps(future.result()) + "\n")
            out.flush()
            print(f"Processing: {done}/{len(todo)} ({100 * done // len(todo)}%)")


main(*sys.argv[1:3])
