"""A model for lighteval: asks the gateway, and tells it which case a call is for."""

import time
from concurrent.futures import ThreadPoolExecutor

import openai
from ingestion import case_headers
from lighteval.models.abstract_model import LightevalModel
from lighteval.models.model_output import ModelResponse
from lighteval.tasks.prompt_manager import PromptManager

RETRIES = 3
TIMEOUT_SECONDS = 600


class GatewayModel(LightevalModel):
    """Asks what lighteval's own client for endpoints asks (LiteLLMClient), with the same prompts and parameters.

    That one takes a call that fails for an empty answer, and may keep answers; this one does neither.

    calls: by case, what was found out beside the answer, with `error` where there is none
    progress: is told of each case; to be set before the model is asked
    """

    def __init__(self, settings, config, epoch):
        self.config = config
        self.calls = {}
        self.progress = None
        self._cache = _NoCache()
        self._epoch = epoch
        self._concurrency = settings.concurrency
        self._prompts = PromptManager(use_chat_template=True, system_prompt=config.system_prompt)
        self._client = openai.OpenAI(
            base_url=settings.base_url, api_key=settings.api_key, max_retries=RETRIES, timeout=TIMEOUT_SECONDS
        )

    @property
    def tokenizer(self):
        return None

    @property
    def add_special_tokens(self):
        return False

    @property
    def max_length(self):
        return None

    def greedy_until(self, docs):
        """For each document a response, or None where the model gave none."""
        with ThreadPoolExecutor(max_workers=self._concurrency) as pool:
            return list(pool.map(self._respond, docs))

    def loglikelihood(self, docs):
        raise NotImplementedError("chat endpoints give no likelihoods")

    def loglikelihood_rolling(self, docs):
        raise NotImplementedError("chat endpoints give no likelihoods")

    def _respond(self, doc):
        messages = self._prompts.prepare_prompt_api(doc)
        call = self.calls[doc.id] = {"error": None}
        began = time.monotonic()
        try:
            # A sample is a call of its own: not every endpoint gives several at once.
            answers = [self._ask(doc, messages) for _ in range(doc.num_samples)]
        except (openai.OpenAIError, ValueError) as error:
            call["error"] = str(error)
            return None
        finally:
            call["latency_ms"] = (time.monotonic() - began) * 1000
            self.progress.step()
        choices = [choice for choice, _ in answers]
        call["stop_reason"] = choices[-1].finish_reason
        call["usage"] = [usage.model_dump() for _, usage in answers if usage is not None]
        return ModelResponse(
            text=[choice.message.content or choice.message.refusal or "" for choice in choices],
            reasonings=[getattr(choice.message, "reasoning_content", None) for choice in choices],
            input=messages,
        )

    def _ask(self, doc, messages):
        parameters = self.config.generation_parameters.to_litellm_dict()
        extra = {name: parameters.pop(name) for name in ("repetition_penalty",) if name in parameters}
        most = parameters.pop("max_completion_tokens", None) or doc.generation_size
        if most:
            parameters["max_tokens"] = most
        stop = list(doc.stop_sequences or ())
        if stop:
            parameters.setdefault("stop", stop)
        completion = self._client.chat.completions.create(
            model=self.config.model_name,
            messages=messages,
            extra_headers=case_headers(doc.id, self._epoch),
            extra_body=extra,
            **parameters,
        )
        if not completion.choices:
            raise ValueError("the model's answer has no choices")
        return completion.choices[0], completion.usage


class _NoCache:
    """The pipeline hands a model's cache its registry of tasks. Nothing is kept: a run asks for all of its answers."""

    def _init_registry(self, registry):
        pass
