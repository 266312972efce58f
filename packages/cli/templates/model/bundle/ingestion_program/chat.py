"""A client for the run's model, of Python's standard library: OPENAI_BASE_URL, OPENAI_API_KEY and MODEL_NAME say where."""

import json
import os
import time
import urllib.error
import urllib.parse
import urllib.request

TRIES = 4


class NoAnswer(Exception):
    """The model gave no answer; `kind` is why, as the gateway names it."""

    def __init__(self, kind, message):
        super().__init__(message)
        self.kind = kind


def chat(messages, case_id, epoch=1, **options):
    """Asks once, and again where that can help. Returns the answer as OpenAI's API gives it."""
    body = json.dumps({"model": os.environ["MODEL_NAME"], "messages": messages, **options}).encode()
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
                answer = json.load(response)
            answer["choices"][0]["message"]
            return answer
        except urllib.error.HTTPError as error:
            said = error_in(error)
            if error.headers.get("x-should-retry") != "true" or attempt == TRIES - 1:
                raise NoAnswer(said.get("code", "http_error"), said.get("message", str(error))) from None
            time.sleep(min(30, float(error.headers.get("retry-after") or 0.5 * 2**attempt)))
        except (OSError, ValueError, LookupError, TypeError) as error:
            raise NoAnswer("model_error", str(error)) from None
    raise AssertionError("every try returns or raises")


def error_in(error):
    try:
        return dict(json.load(error)["error"])
    except (ValueError, KeyError, TypeError):
        return {}
