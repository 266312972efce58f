"""lm_eval's client for chat completions, telling the gateway which case a call is for."""

import copy
import json
import time
from concurrent.futures import ThreadPoolExecutor

import requests
from ingestion import case_headers
from lm_eval.models.openai_completions import LocalChatCompletion

TRIES = 4
PAUSE_SECONDS = 2
TIMEOUT_SECONDS = 600


class CallFailed(Exception):
    def __init__(self, message, again):
        super().__init__(message)
        self.again = again


class GatewayModel(LocalChatCompletion):
    """Requests and answers are made and read by the suite; only the sending is ours.

    calls: a dict for each request that was sent, with `error` where no answer came
    """

    def __init__(self, settings, epoch, progress):
        super().__init__(
            base_url=f"{settings.base_url}/chat/completions",
            model=settings.model,
            num_concurrent=settings.concurrency,
        )
        self._headers = {"Authorization": f"Bearer {settings.api_key}"}
        self._epoch = epoch
        self._progress = progress
        self._answers = {}
        self._repeated = None
        self.calls = []

    def repeat(self, docs):
        """From now on, gives the answers that were given before. docs: by task, which documents are asked for."""
        self._repeated = docs

    def generate_until(self, requests, disable_tqdm=False):
        # A document that is asked several times has several requests with one id.
        asked = {}
        numbered = []
        for request in requests:
            task, doc = request.task_name, request.doc_id
            if self._repeated is not None:
                # lm_eval counts the documents that were chosen, and not those there are.
                doc = self._repeated[task][doc]
            turn = asked[task, doc] = asked.get((task, doc), -1) + 1
            numbered.append((request, (task, doc, turn)))
        if self._repeated is not None:
            return [self._answers[key] for _, key in numbered]
        with ThreadPoolExecutor(max_workers=self._concurrent) as pool:
            return list(pool.map(lambda one: self._answer(*one), numbered))

    def _answer(self, request, key):
        context, options = request.args[:2]
        payload = self._create_payload(
            self.create_message([context]), generate=True, gen_kwargs=copy.deepcopy(options), seed=self._seed
        )
        task, doc, turn = key
        call = {"task": task, "doc": doc, "turn": turn, "error": None}
        began = time.monotonic()
        try:
            answer = self._send(payload, case_headers(f"{task}/{doc}", self._epoch))
            text = self.parse_generations(answer)[0] or ""
            call["stop_reason"] = answer["choices"][0].get("finish_reason")
            call["usage"] = answer.get("usage")
        except (CallFailed, ValueError, LookupError) as error:
            text = ""
            call["error"] = str(error)
        call["latency_ms"] = (time.monotonic() - began) * 1000
        self._answers[key] = text
        self.calls.append(call)
        self._progress.step()
        return text

    def _send(self, payload, case):
        for left in reversed(range(TRIES)):
            try:
                return self._send_once(payload, {**self._headers, **case, "X-Stainless-Retry-Count": str(TRIES - 1 - left)})
            except CallFailed as error:
                if left == 0 or not error.again:
                    raise
                time.sleep(PAUSE_SECONDS * (TRIES - left))

    def _send_once(self, payload, headers):
        try:
            response = requests.post(self.base_url, json=payload, headers=headers, timeout=TIMEOUT_SECONDS)
        except requests.RequestException as error:
            raise CallFailed(f"the gateway gave no answer: {error}", again=True) from error
        if response.ok:
            return response.json()
        try:
            message = response.json()["error"]["message"]
        except (ValueError, LookupError, TypeError):
            message = json.dumps(response.text[:300])
        # The gateway knows whether another try can help.
        again = response.headers.get("x-should-retry", "true") == "true" and response.status_code in (408, 429, 500, 502, 503, 504)
        raise CallFailed(f"{response.status_code}: {message}", again)
